// Command thanos-flags prints which flags each component of Thanos takes, release by release.
//
//	go run . THANOS.git [FIRST] > ../../../catalogue/thanos-flags.txt
//
// THANOS.git is a clone, bare or not, of github.com/thanos-io/thanos with its tags; FIRST is the first release to read
// (0.8.0). Nothing is built: the sources of each release are parsed, and the functions that register a component's flags
// are followed through the calls that they make, with the names that they hand over.
package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

const module = "github.com/thanos-io/thanos"

// Where flags are registered: the rest of the sources is not read.
var folders = []string{"cmd/thanos", "pkg/extkingpin", "pkg/extflag", "pkg/store"}

// The components that charts run, and the functions that register their flags.
var components = []struct{ name, function string }{
	{"query", "registerQuery"},
	{"query-frontend", "registerQueryFrontend"},
	{"store", "registerStore"},
	{"rule", "registerRule"},
	{"compact", "registerCompact"},
	{"receive", "registerReceive"},
	{"sidecar", "registerSidecar"},
	{"tools bucket web", "registerBucketWeb"},
}

// What kingpin adds to every program.
var builtin = map[string]string{
	"help": "bool", "help-long": "bool", "help-man": "bool", "version": "bool",
	"completion-bash": "bool", "completion-script-bash": "bool", "completion-script-zsh": "bool",
}

type flags map[string]string

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: thanos-flags THANOS.git [FIRST]")
		os.Exit(2)
	}
	first := "0.8.0"
	if len(os.Args) > 2 {
		first = os.Args[2]
	}
	if err := run(os.Args[1], first); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(repository, first string) error {
	releases, err := releases(repository, first)
	if err != nil {
		return err
	}
	found := make([]map[string]flags, len(releases))
	for i, release := range releases {
		if found[i], err = of(repository, release); err != nil {
			return fmt.Errorf("%s: %w", release, err)
		}
	}
	write(os.Stdout, releases, found)
	return nil
}

// releases are the tags of releases, oldest first, without those before a release.
func releases(repository, first string) ([]string, error) {
	out, err := exec.Command("git", "-C", repository, "tag", "--list", "v*").Output()
	if err != nil {
		return nil, fmt.Errorf("cannot list the tags of %s: %w", repository, err)
	}
	form := regexp.MustCompile(`^v\d+\.\d+\.\d+$`)
	var found []string
	for _, tag := range strings.Fields(string(out)) {
		if form.MatchString(tag) && !less(tag[1:], first) {
			found = append(found, tag[1:])
		}
	}
	sort.Slice(found, func(i, j int) bool { return less(found[i], found[j]) })
	if len(found) == 0 {
		return nil, fmt.Errorf("no tag in %s is a release", repository)
	}
	return found, nil
}

func less(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range as {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x < y
		}
	}
	return false
}

// of reads the flags of each component of a release; those of the program itself are under "".
func of(repository, release string) (map[string]flags, error) {
	source, err := read(repository, "v"+release)
	if err != nil {
		return nil, err
	}
	program, err := source.load(module + "/cmd/thanos")
	if err != nil {
		return nil, err
	}
	found := map[string]flags{"": {}}
	source.collect(program, "main", found[""], true)
	for name, kind := range builtin {
		found[""][name] = kind
	}
	for _, component := range components {
		if program.functions[component.function] == nil {
			continue
		}
		into := flags{}
		source.collect(program, component.function, into, false)
		if component.name == "tools bucket web" {
			// Those of the command above it.
			into["objstore.config"], into["objstore.config-file"] = "", ""
		}
		found[component.name] = into
	}
	if len(found["query"]) < 20 || found[""]["log.level"] != "" || len(found["store"]) < 10 {
		return nil, fmt.Errorf("the functions that register flags are not where they were")
	}
	return found, nil
}

// source is the source of a release, as far as it registers flags.
type source struct {
	set      *token.FileSet
	files    map[string][]*ast.File
	packages map[string]*loaded
	declared map[types.Object]*body
}

type loaded struct {
	types     *types.Package
	info      *types.Info
	functions map[string]*body
}

// body is a function with the package that it stands in.
type body struct {
	decl *ast.FuncDecl
	info *types.Info
}

func read(repository, tag string) (*source, error) {
	s := &source{token.NewFileSet(), map[string][]*ast.File{}, map[string]*loaded{}, map[types.Object]*body{}}
	for _, folder := range folders {
		out, err := exec.Command("git", "-C", repository, "archive", "--format=tar", tag, folder).Output()
		if err != nil {
			// Not every release has every folder.
			continue
		}
		archive := tar.NewReader(bytes.NewReader(out))
		for {
			header, err := archive.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, err
			}
			if !strings.HasSuffix(header.Name, ".go") || strings.HasSuffix(header.Name, "_test.go") {
				continue
			}
			text, err := io.ReadAll(archive)
			if err != nil {
				return nil, err
			}
			file, err := parser.ParseFile(s.set, header.Name, text, parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			folder := path.Join(module, path.Dir(header.Name))
			s.files[folder] = append(s.files[folder], file)
		}
	}
	return s, nil
}

// load checks the types of a package as far as they can be known: what it imports from elsewhere is empty.
func (s *source) load(name string) (*loaded, error) {
	if known, ok := s.packages[name]; ok {
		return known, nil
	}
	files := s.files[name]
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no package %s", name)
	}
	info := &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Uses:       map[*ast.Ident]types.Object{},
		Defs:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	config := types.Config{Importer: s, Error: func(error) {}}
	checked, _ := config.Check(name, s.set, files, info)
	known := &loaded{checked, info, map[string]*body{}}
	s.packages[name] = known
	for _, file := range files {
		for _, decl := range file.Decls {
			function, ok := decl.(*ast.FuncDecl)
			if !ok || function.Body == nil {
				continue
			}
			b := &body{function, info}
			s.declared[info.Defs[function.Name]] = b
			if function.Recv == nil {
				known.functions[function.Name.Name] = b
			}
		}
	}
	return known, nil
}

// Import gives the type checker a package: one of ours, or an empty one.
func (s *source) Import(name string) (*types.Package, error) {
	if known, err := s.load(name); err == nil {
		return known.types, nil
	}
	base := path.Base(name)
	base = strings.TrimPrefix(strings.Split(base, ".")[0], "go-")
	empty := types.NewPackage(name, base)
	empty.MarkComplete()
	return empty, nil
}

// collect adds the flags that a function registers, and those that it calls.
func (s *source) collect(in *loaded, function string, into flags, isMain bool) {
	w := &walk{source: s, into: into, isMain: isMain, busy: map[string]bool{}}
	w.function(in.functions[function], map[types.Object]string{})
}

type walk struct {
	source *source
	into   flags
	isMain bool
	busy   map[string]bool
}

func (w *walk) function(b *body, texts map[types.Object]string) {
	key := fmt.Sprint(b.decl.Pos(), texts)
	if w.busy[key] {
		return
	}
	w.busy[key] = true
	seen := map[ast.Node]bool{}
	ast.Inspect(b.decl.Body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.AssignStmt:
			w.assign(b, node, texts)
		case *ast.CallExpr:
			w.call(b, node, texts, seen)
		}
		return true
	})
}

// assign remembers what a variable that holds a text is set to.
func (w *walk) assign(b *body, node *ast.AssignStmt, texts map[types.Object]string) {
	if len(node.Lhs) != len(node.Rhs) {
		return
	}
	for i, left := range node.Lhs {
		if name, ok := left.(*ast.Ident); ok {
			if text, ok := text(b, node.Rhs[i], texts); ok && b.info.Defs[name] != nil {
				texts[b.info.Defs[name]] = text
			}
		}
	}
}

func (w *walk) call(b *body, node *ast.CallExpr, texts map[types.Object]string, seen map[ast.Node]bool) {
	flag, methods := chain(node)
	if flag != nil && !seen[flag] && len(flag.Args) > 0 {
		seen[flag] = true
		if name, ok := text(b, flag.Args[0], texts); ok {
			w.add(name, methods)
		}
	}
	if called(node) == "RegisterPathOrContent" && len(node.Args) > 1 {
		if name, ok := text(b, node.Args[1], texts); ok {
			w.add(name, nil)
			w.add(name+"-file", nil)
		}
		return
	}
	// A function that takes a flag says how it is read: `Addrs(cmd.Flag(…))`.
	if len(node.Args) == 1 {
		if inner, ok := node.Args[0].(*ast.CallExpr); ok {
			if flag, methods := chain(inner); flag != nil && !seen[flag] && len(flag.Args) > 0 {
				seen[flag] = true
				if name, ok := text(b, flag.Args[0], texts); ok {
					w.add(name, append(methods, called(node)))
				}
			}
		}
	}
	target := w.target(b, node)
	if target == nil || (w.isMain && target.decl.Recv == nil && isRegister(target.decl.Name.Name)) {
		return
	}
	inner := map[types.Object]string{}
	at := 0
	for _, field := range target.decl.Type.Params.List {
		for _, name := range field.Names {
			if at < len(node.Args) {
				if text, ok := text(b, node.Args[at], texts); ok {
					inner[target.info.Defs[name]] = text
				}
			}
			at++
		}
	}
	w.function(target, inner)
}

// isRegister tells whether a function registers a whole component.
func isRegister(name string) bool {
	rest, ok := strings.CutPrefix(name, "register")
	return ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z'
}

// target is the function that is called, where its source is known.
func (w *walk) target(b *body, node *ast.CallExpr) *body {
	switch function := node.Fun.(type) {
	case *ast.Ident:
		return w.source.declared[b.info.Uses[function]]
	case *ast.SelectorExpr:
		if selection := b.info.Selections[function]; selection != nil {
			return w.source.declared[selection.Obj()]
		}
		return w.source.declared[b.info.Uses[function.Sel]]
	}
	return nil
}

var repeated = regexp.MustCompile(`^(Strings|Enums|URLList|IPList|TCPList|Durations|StringMap|Addrs|.*Slice)(Var)?$`)

func (w *walk) add(name string, methods []string) {
	kind := ""
	for _, method := range methods {
		switch {
		case method == "Bool" || method == "BoolVar":
			kind = "bool"
		case repeated.MatchString(method):
			kind = "repeated"
		case method == "SetValue" && kind == "":
			// How a value of another type takes itself twice is not known.
			kind = "custom"
		}
	}
	if w.into[name] == "" {
		w.into[name] = kind
	}
}

// chain finds the call of Flag at the root of calls such as x.Flag(…).Default(…).Bool(), and the names of the others.
func chain(node *ast.CallExpr) (*ast.CallExpr, []string) {
	var methods []string
	for {
		selector, ok := node.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil, nil
		}
		if selector.Sel.Name == "Flag" {
			return node, methods
		}
		methods = append(methods, selector.Sel.Name)
		inner, ok := selector.X.(*ast.CallExpr)
		if !ok {
			return nil, nil
		}
		node = inner
	}
}

func called(node *ast.CallExpr) string {
	switch function := node.Fun.(type) {
	case *ast.Ident:
		return function.Name
	case *ast.SelectorExpr:
		return function.Sel.Name
	}
	return ""
}

// text is the text that an expression is, where that can be known.
func text(b *body, expression ast.Expr, texts map[types.Object]string) (string, bool) {
	if value := b.info.Types[expression].Value; value != nil && value.Kind() == constant.String {
		return constant.StringVal(value), true
	}
	switch expression := expression.(type) {
	case *ast.BasicLit:
		if expression.Kind == token.STRING {
			text, err := strconv.Unquote(expression.Value)
			return text, err == nil
		}
	case *ast.Ident:
		text, ok := texts[b.info.Uses[expression]]
		return text, ok
	case *ast.BinaryExpr:
		left, leftOk := text(b, expression.X, texts)
		right, rightOk := text(b, expression.Y, texts)
		return left + right, leftOk && rightOk && expression.Op == token.ADD
	case *ast.CallExpr:
		if called(expression) != "Sprintf" || len(expression.Args) == 0 {
			return "", false
		}
		format, ok := text(b, expression.Args[0], texts)
		if !ok {
			return "", false
		}
		var args []any
		for _, arg := range expression.Args[1:] {
			text, ok := text(b, arg, texts)
			if !ok {
				return "", false
			}
			args = append(args, text)
		}
		return fmt.Sprintf(format, args...), true
	}
	return "", false
}

const width = 118

func write(out io.Writer, releases []string, found []map[string]flags) {
	fmt.Fprintf(out, `# The flags of Thanos: which releases take which flag for which component. Made by tests/rig/thanos-flags from the sources
# of each release. After a component (all: every one of them) its flags, a space deeper:
#   NAME [KIND] FIRST..LAST...
# KIND: bool (takes no value, and --no-NAME turns it off), repeated (may stand several times), custom (may or may not), none
# for one value that may stand once. An end that is left out reaches to the first or the last release below.
`)
	line := ""
	for _, release := range releases {
		if line != "" && len(line)+1+len(release) > width {
			fmt.Fprintln(out, line)
			line = ""
		}
		if line == "" {
			line = "releases"
		}
		line += " " + release
	}
	fmt.Fprintln(out, line)
	names := []string{""}
	for _, component := range components {
		names = append(names, component.name)
	}
	for _, component := range names {
		fmt.Fprintln(out, map[bool]string{true: "all", false: strings.ReplaceAll(component, " ", "-")}[component == ""])
		kinds := map[string]string{}
		for _, release := range found {
			for name, kind := range release[component] {
				if kind != "" || kinds[name] == "" {
					kinds[name] = kind
				}
			}
		}
		sorted := make([]string, 0, len(kinds))
		for name := range kinds {
			sorted = append(sorted, name)
		}
		sort.Strings(sorted)
		for _, name := range sorted {
			words := []string{name}
			if kinds[name] != "" {
				words = append(words, kinds[name])
			}
			fmt.Fprintf(out, " %s %s\n", strings.Join(words, " "), spans(releases, found, component, name))
		}
	}
}

// spans are the releases in which a component takes a flag.
func spans(releases []string, found []map[string]flags, component, name string) string {
	var words []string
	for i := 0; i < len(releases); i++ {
		if _, ok := found[i][component][name]; !ok {
			continue
		}
		last := i
		for last+1 < len(releases) {
			if _, ok := found[last+1][component][name]; !ok {
				break
			}
			last++
		}
		word := ""
		if i > 0 {
			word = releases[i]
		}
		word += ".."
		if last < len(releases)-1 {
			word += releases[last]
		}
		words = append(words, word)
		i = last
	}
	return strings.Join(words, " ")
}
