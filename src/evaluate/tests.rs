mod approval;
mod limits;
