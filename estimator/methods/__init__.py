"""Methods: each turns a capture table and a study into a posterior of the unseen people."""
