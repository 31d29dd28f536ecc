//! What tracers get wrong: each trap by a real program under the real tracer.

mod calls;
mod children;
mod foreign;
mod memory;
mod rights;
mod signals;
mod stops;
