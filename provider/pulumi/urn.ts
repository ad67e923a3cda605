/** The parts of a resource's URN. A name may contain anything. */
export interface Urn {
  readonly stack: string;
  readonly project: string;
  /** The types of the components around the resource, from the outermost one. */
  readonly parentTypes: readonly string[];
  readonly type: string;
  readonly name: string;
}

/** The parts of a URN; undefined if it is none. */
export function parseUrn(urn: string): Urn | undefined {
  const [, stack = "", project = "", types = "", name = ""] = /^urn:pulumi:(.*?)::(.*?)::(.*?)::(.*)$/s.exec(urn) ?? [];
  const parentTypes = types.split("$");
  const type = parentTypes.pop() ?? "";
  return type === "" ? undefined : { stack, project, parentTypes, type, name };
}
