//! Hands the arguments to the library and returns its exit code.

#![forbid(unsafe_code)]

use std::alloc::System;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// Values on their way into a file hold secrets; what is given back holds nothing any more.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    thanosctl::run(std::env::args_os())
}
