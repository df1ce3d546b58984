mod approval;
mod limits;
mod saw;
