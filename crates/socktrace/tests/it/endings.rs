//! How a trace ends, however it is ended: the programs with it, and nothing left behind.

mod interrupted;
mod outputs;
