//! The sources as Rust reads them: modules, functions, types, and the paths that each file names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;

/// All modules below `src`, without what only tests see, and the lines of tests.
pub(crate) struct Sources {
    /// By the name of the module from the root: `[]` is `lib.rs`, `["chart", "edit"]` is `chart/edit/mod.rs`.
    pub modules: BTreeMap<Vec<String>, Module>,
    /// Lines of tests: `tests/`, and the modules and files of tests below `src`.
    pub test_lines: usize,
}

/// One module, which is a file but where modules stand inside of others.
#[derive(Default)]
pub(crate) struct Module {
    /// The file below `src`, with `/` between its parts.
    pub file: String,
    /// Lines of the file that are not tests. Zero for a module that stands inside of another.
    pub lines: usize,
    /// Functions and methods: name, line, and how many lines each has.
    pub functions: Vec<(String, usize, usize)>,
    /// How many items and methods are `pub`.
    pub public: usize,
    /// Structs, enums, traits and type aliases that the module defines.
    pub types: BTreeSet<String>,
    /// Names of all that the module defines, modules excepted.
    pub items: BTreeSet<String>,
    /// What the module imports: the name in this module (`*` for all names of a module) and the path it stands for.
    pub imports: Vec<(String, Named)>,
    /// Paths of two and more words in its code, and imports that are no re-exports.
    pub paths: Vec<Named>,
    /// Macros that it calls.
    pub macros: Vec<(String, usize)>,
    /// The lines on which something is `async`.
    pub asynchronous: Vec<usize>,
}

/// A path as it is written, and its line.
#[derive(Clone)]
pub(crate) struct Named {
    /// The words between `::`.
    pub words: Vec<String>,
    /// The line in the file, from 1.
    pub line: usize,
}

/// The sources, read once for all tests.
#[cfg(test)]
pub(crate) static SOURCES: std::sync::LazyLock<Sources> = std::sync::LazyLock::new(Sources::read);

impl Sources {
    /// Reads the library of this package.
    ///
    /// # Panics
    ///
    /// When a file cannot be read, or is not Rust.
    pub(crate) fn read() -> Sources {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = Sources { modules: BTreeMap::new(), test_lines: 0 };
        sources.file(&root.join("src"), &root.join("src/lib.rs"), &[], false);
        for file in files(&root.join("tests")) {
            sources.test_lines += fs::read_to_string(file).expect("a test is text").lines().count();
        }
        sources
    }

    fn file(&mut self, src: &Path, path: &Path, name: &[String], is_test: bool) {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let lines = text.lines().count();
        if is_test {
            self.test_lines += lines;
            return;
        }
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file = path.strip_prefix(src).expect("below src").to_string_lossy().replace('\\', "/");
        let mut tests = 0;
        self.items(src, path, name, &file, &parsed.items, &mut tests);
        self.test_lines += tests;
        self.modules.get_mut(name).expect("just read").lines = lines - tests;
    }

    fn items(&mut self, src: &Path, path: &Path, name: &[String], file: &str, items: &[syn::Item], tests: &mut usize) {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        for item in items {
            let lines = lines(item);
            if let syn::Item::Mod(inner) = item {
                let inner_name = [name, &[inner.ident.to_string()]].concat();
                match &inner.content {
                    None => self.file(src, &file_of(path, inner), &inner_name, is_test(&inner.attrs)),
                    Some(_) if is_test(&inner.attrs) => *tests += lines.len(),
                    Some((_, items)) => self.items(src, path, &inner_name, file, items, tests),
                }
            } else if is_test(attributes(item)) {
                *tests += lines.len();
            } else {
                module.item(item);
            }
        }
        self.modules.insert(name.to_vec(), module);
    }

    /// The files, each with its module; modules that stand inside of others are part of them.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Module> {
        self.modules.values().filter(|module| module.lines > 0)
    }
}

impl Module {
    fn item(&mut self, item: &syn::Item) {
        let (name, visibility) = match item {
            syn::Item::Use(import) => {
                let is_reexport = !matches!(import.vis, syn::Visibility::Inherited);
                let from = self.imports.len();
                self.import(&import.tree, &mut Vec::new());
                if !is_reexport {
                    self.paths.extend(self.imports[from..].iter().map(|(_, path)| path.clone()));
                }
                return;
            }
            syn::Item::Const(item) => (Some(&item.ident), Some(&item.vis)),
            syn::Item::Enum(item) => (Some(&item.ident), Some(&item.vis)),
            syn::Item::Fn(item) => (Some(&item.sig.ident), Some(&item.vis)),
            syn::Item::Static(item) => (Some(&item.ident), Some(&item.vis)),
            syn::Item::Struct(item) => (Some(&item.ident), Some(&item.vis)),
            syn::Item::Trait(item) => (Some(&item.ident), Some(&item.vis)),
            syn::Item::Type(item) => (Some(&item.ident), Some(&item.vis)),
            syn::Item::Macro(item) => (item.ident.as_ref(), None),
            _ => (None, None),
        };
        self.public += usize::from(matches!(visibility, Some(syn::Visibility::Public(_))));
        if let Some(name) = name {
            self.items.insert(name.to_string());
            if matches!(item, syn::Item::Enum(_) | syn::Item::Struct(_) | syn::Item::Trait(_) | syn::Item::Type(_)) {
                self.types.insert(name.to_string());
            }
        }
        self.visit_item(item);
        self.tokens(item.to_token_stream());
    }

    fn import(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        let mut add = |name: String, last: Option<String>, line| {
            let words = before.iter().cloned().chain(last.filter(|last| last != "self")).collect();
            self.imports.push((name, Named { words, line }));
        };
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Name(name) => {
                let word = name.ident.to_string();
                let own = if word == "self" { before.last().cloned().unwrap_or_default() } else { word.clone() };
                add(own, Some(word), name.ident.span().start().line);
            }
            syn::UseTree::Rename(name) => {
                add(name.rename.to_string(), Some(name.ident.to_string()), name.ident.span().start().line);
            }
            syn::UseTree::Glob(glob) => add("*".to_owned(), None, glob.span().start().line),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before);
                }
            }
        }
    }

    /// Collects paths, macros and `async` of code. Tokens, since what stands in macros is not parsed.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |at: usize, wanted: char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted);
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(word) => {
                    let line = word.span().start().line;
                    let mut words = vec![word.to_string()];
                    while is(at, ':') && is(at + 1, ':') {
                        let Some(TokenTree::Ident(word)) = tokens.get(at + 2) else { break };
                        words.push(word.to_string());
                        at += 3;
                    }
                    if is(at, '!') && !is(at + 1, '=') {
                        self.macros.push((words.join("::"), line));
                    }
                    if words == ["async"] {
                        self.asynchronous.push(line);
                    }
                    if words.len() > 1 {
                        self.paths.push(Named { words, line });
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn function(&mut self, signature: &syn::Signature, lines: Range<usize>) {
        self.functions.push((signature.ident.to_string(), lines.start, lines.len()));
    }
}

impl Visit<'_> for Module {
    fn visit_item_fn(&mut self, item: &syn::ItemFn) {
        self.function(&item.sig, signature_to_end(&item.sig, &item.block));
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &syn::ImplItemFn) {
        self.public += usize::from(matches!(item.vis, syn::Visibility::Public(_)));
        self.function(&item.sig, signature_to_end(&item.sig, &item.block));
        syn::visit::visit_impl_item_fn(self, item);
    }
}

fn signature_to_end(signature: &syn::Signature, block: &syn::Block) -> Range<usize> {
    signature.span().start().line..block.span().end().line + 1
}

fn lines(item: &syn::Item) -> Range<usize> {
    item.span().start().line..item.span().end().line + 1
}

/// Whether only tests see an item: `#[cfg(test)]`, `#[cfg(all(test, …))]`.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| {
                list.tokens.clone().into_iter().any(|token| match token {
                    TokenTree::Ident(word) => word == "test",
                    TokenTree::Group(group) => group.stream().into_iter().any(|token| token.to_string() == "test"),
                    _ => false,
                })
            })
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The file of `mod name;` in the file at `path`.
fn file_of(path: &Path, module: &syn::ItemMod) -> PathBuf {
    let name = module.ident.to_string();
    let folder = path.parent().expect("a file is in a folder");
    let own = path.file_stem().is_some_and(|stem| stem == "mod" || stem == "lib" || stem == "main");
    let below = if own { folder.to_owned() } else { path.with_extension("") };
    let file = below.join(format!("{name}.rs"));
    if file.is_file() { file } else { below.join(name).join("mod.rs") }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let mut all: Vec<_> = files.into_iter().filter(|file| file.extension().is_some_and(|is| is == "rs")).collect();
    all.extend(folders.iter().flat_map(|folder| self::files(folder)));
    all.sort();
    all
}
