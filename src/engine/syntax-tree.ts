/** `EXPLAIN AST` text -> a plain tree. One line is one node; a node is one blank deeper than the node it belongs to. */

/** One line of the dump, with the lines below it. */
export interface SyntaxNode {
  /** "Function", "Identifier", "TableIdentifier", "Literal", "ExpressionList", "SelectQuery", ... */
  readonly kind: string;
  /** What follows the kind: the name of a function or table; of a Literal its value, see `textOf`. "" for most kinds. */
  readonly name: string;
  /** The name given with AS; "" without one. */
  readonly alias: string;
  /** The nodes below, in the order of the dump. */
  readonly children: readonly SyntaxNode[];
}

/** A node with the nodes above it, the nearest first. */
export interface SyntaxPlace {
  /** The node itself. */
  readonly node: SyntaxNode;
  /** Its parent, the parent of that, and so on to the root. */
  readonly above: readonly SyntaxNode[];
}

interface Growing extends SyntaxNode {
  readonly children: Growing[];
}

/** The tree of the lines of one dump. Lines that are no node (the rest of a name with a line end) are left out. */
export function parseSyntaxTree(lines: readonly string[]): SyntaxNode {
  const root: Growing = { kind: "", name: "", alias: "", children: [] };
  const open: Growing[] = [root];
  for (const line of lines.flatMap((text) => text.split("\n"))) {
    const [, blanks = "", kind, rest = ""] = /^( *)([A-Z][\w:]*)(?: (.*))?$/.exec(line) ?? [];
    const parent = open[blanks.length];
    if (kind === undefined || parent === undefined) continue;
    const node = { kind, ...nameAndAlias(rest), children: [] };
    parent.children.push(node);
    open.splice(blanks.length + 1, open.length, node);
  }
  return root;
}

/** `'a (alias b)' (alias c) (children 1)`: quoted text goes to its closing quote, whatever it holds. */
function nameAndAlias(rest: string): { readonly name: string; readonly alias: string } {
  const plain = rest.replace(/ ?\(children \d+\)$/, "");
  const quoted = /^'(?:[^'\\]|\\.)*'/.exec(plain)?.[0];
  const tail = quoted === undefined ? plain : plain.slice(quoted.length);
  const [, before = tail, alias = ""] = /^(.*?) ?\(alias (.*)\)$/.exec(tail) ?? [];
  return { name: quoted ?? before, alias };
}

/** The text of a Literal that is one; undefined for numbers, arrays and other nodes. */
export function textOf(node: SyntaxNode | undefined): string | undefined {
  if (node?.kind !== "Literal" || !node.name.startsWith("'")) return undefined;
  const escapes: Readonly<Record<string, string>> = {
    n: "\n",
    t: "\t",
    r: "\r",
    "0": "\0",
    b: "\b",
    f: "\f",
  };
  return node.name.slice(1, -1).replace(/\\(.)/g, (_, character: string) => escapes[character] ?? character);
}

/** Every node below `root`, parents first. */
export function* placesIn(root: SyntaxNode, above: readonly SyntaxNode[] = []): Generator<SyntaxPlace> {
  const under = [root, ...above];
  for (const node of root.children) {
    yield { node, above: under };
    yield* placesIn(node, under);
  }
}
