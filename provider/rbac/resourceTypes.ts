/** A resource that an API server has. */
export interface ResourceType {
  /** In the plural, as rules name it. */
  readonly name: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly isNamespaced: boolean;
  readonly subresources: readonly string[];
}

/** The resources of one version of an API group. */
export interface ApiVersion {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ResourceType[];
}

/**
 * Finds a resource by its plural, singular or short name.
 *
 * @param versions in the order in which the server prefers them.
 * @param text `TYPE` or `TYPE.GROUP`, in any letter case.
 */
export function findType(versions: readonly ApiVersion[], text: string) {
  const [name = "", ...rest] = text.toLowerCase().split(".");
  const group = rest.join(".");
  const all = versions
    .filter((version) => rest.length === 0 || version.group === group)
    .flatMap((version) => version.resources.map((type) => ({ ...type, group: version.group })));
  return (
    all.find((type) => name !== "" && (type.name === name || type.singular === name)) ??
    all.find(({ shortNames }) => shortNames.includes(name))
  );
}
