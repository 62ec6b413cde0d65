//! Reads Rust sources as tokens and modules, as far as the checks need it.

mod lexer;
mod modules;
mod parser;
mod tests_removed;

pub(super) use lexer::{Kind, Token, tokens};
pub(super) use modules::{Module, ModuleTree};
pub(super) use parser::{Contents, Import};
pub(super) use tests_removed::without_tests;
