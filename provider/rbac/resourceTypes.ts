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

/** What somebody types for a resource: `pods`, `deploy.apps`, `deployments.v1.apps`. */
interface TypeName {
  readonly resource: string;
  /** Empty: any. */
  readonly group: string;
  /** Empty: any. */
  readonly version: string;
}

/**
 * Finds the resource that somebody means, with its group, as kubectl does: by its plural, singular or short name, and a group may be cut short.
 *
 * @param versions in the order in which the server prefers them.
 * @param text `TYPE[.GROUP]` or `TYPE.VERSION.GROUP`, in any letter case.
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/client-go/restmapper/shortcut.go
 */
export function findType(versions: readonly ApiVersion[], text: string) {
  const [resource = "", ...rest] = text.toLowerCase().split(".");
  const [version = "", ...group] = rest;
  // Whether the second word is a version or the first of a group only the server knows.
  const exact = rest.length < 2 ? undefined : findExpanded(versions, { resource, version, group: group.join(".") });
  return exact ?? findExpanded(versions, { resource, version: "", group: rest.join(".") });
}

function findExpanded(versions: readonly ApiVersion[], name: TypeName) {
  return findNamed(versions, expandShortName(versions, name));
}

/** The name in full where it is a short one; a full name of the same letters counts more. */
function expandShortName(versions: readonly ApiVersion[], name: TypeName): TypeName {
  const inGroup = versions.filter(({ group }) => name.group === "" || group === name.group);
  const isFull = inGroup.some(({ resources }) => resources.some((type) => isCalled(type, name.resource)));
  if (isFull) {
    return name;
  }
  const nearGroup = name.group === "" ? [] : versions.filter(({ group }) => group.startsWith(name.group));
  for (const { group, resources } of [...inGroup, ...nearGroup]) {
    const type = resources.find(({ shortNames }) => shortNames.includes(name.resource));
    if (type !== undefined) {
      return { resource: type.name, group, version: "" };
    }
  }
  return name;
}

/** The first version that has the resource; in a group that only begins like the one that is asked for, if none has it exactly. */
function findNamed(versions: readonly ApiVersion[], name: TypeName) {
  const isVersion = (version: string) => name.version === "" || version === name.version;
  const groupTests = [
    (group: string) => name.group === "" || group === name.group,
    (group: string) => name.version === "" && group.startsWith(name.group),
  ];
  for (const isGroup of groupTests) {
    for (const { group, version, resources } of versions) {
      const type = resources.find((candidate) => isCalled(candidate, name.resource));
      if (type !== undefined && isGroup(group) && isVersion(version)) {
        return { ...type, group };
      }
    }
  }
  return undefined;
}

function isCalled({ name, singular }: ResourceType, text: string): boolean {
  return text !== "" && (name === text || singular === text);
}
