mod approval;
mod explained;
mod limits;
mod saw;
mod state;
mod text;
