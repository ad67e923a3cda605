import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair } from "yaml";
import { maxDepth, tooDeep } from "./boundedTokens";

/** A fault at an offset of the text. */
export interface OffsetFault {
  readonly offset: number;
  readonly reason: string;
}

/** What a text may grow to once each alias is replaced by what it stands for, in characters. */
const maxExpanded = 10_000_000;

/** What the library does not look at before it makes a value of a document: repeated keys, and what aliases do to it. */
export function nodeFaults(root: Node | null): readonly OffsetFault[] {
  const walk = new NodeWalk();
  walk.measure(root);
  return walk.faults;
}

/** How much a node stands for, aliases included. */
interface Measure {
  /** In characters, and one for each node. */
  readonly size: number;
  readonly depth: number;
}

const nothing: Measure = { size: 1, depth: 0 };

class NodeWalk {
  readonly faults: OffsetFault[] = [];
  /** By the name of the anchor; undefined while the walk is inside of its node. */
  readonly #anchored = new Map<string, Measure | undefined>();

  measure(node: unknown): Measure {
    if (!isNode(node)) return nothing;
    if (isAlias(node)) return this.#target(node.source, node);
    const anchor = "anchor" in node ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchored.set(anchor, undefined);
    const measured = this.#content(node);
    if (anchor !== undefined) this.#anchored.set(anchor, measured);
    return measured;
  }

  #target(name: string, alias: Node): Measure {
    const target = this.#anchored.get(name);
    if (target !== undefined) return target;
    const reason = this.#anchored.has(name)
      ? `the anchor &${name} contains itself`
      : `the alias *${name} has no anchor`;
    return this.#fault(alias, reason);
  }

  #content(node: Node): Measure {
    if (isScalar(node)) return { size: 1 + String(node.source ?? "").length, depth: 0 };
    if (isMap(node)) this.#checkKeys(node.items);
    const parts = isMap(node) ? node.items.flatMap(({ key, value }) => [key, value]) : isSeq(node) ? node.items : [];
    let [size, depth] = [1, 0];
    for (const part of parts) {
      const measured = this.measure(part);
      size += measured.size;
      depth = Math.max(depth, measured.depth + 1);
    }
    if (size > maxExpanded)
      return this.#fault(node, `aliases multiply the text to more than ${maxExpanded} characters`);
    return depth > maxDepth ? this.#fault(node, tooDeep) : { size, depth };
  }

  #checkKeys(pairs: readonly Pair[]): void {
    const seen = new Set<unknown>();
    for (const { key } of pairs) {
      // Merge keys add up.
      if (!isScalar(key) || key.value === "<<") continue;
      if (seen.has(key.value)) this.#fault(key, "Map keys must be unique");
      seen.add(key.value);
    }
  }

  /** Notes a fault; what it stands for counts as nothing, so that one bomb is reported once. */
  #fault(node: Node, reason: string): Measure {
    this.faults.push({ offset: node.range?.[0] ?? 0, reason });
    return nothing;
  }
}
