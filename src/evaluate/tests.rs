mod approval;
mod explained;
mod limits;
mod saw;
mod seen;
mod state;
mod text;
