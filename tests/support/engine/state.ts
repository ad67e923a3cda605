/** What the engine stores of one resource. */
export interface StoredResource {
  readonly urn: string;
  readonly id: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The identity mappings in an exported stack. */
export function mappingsIn(state: string): StoredResource[] {
  const { deployment }: { deployment: { resources?: StoredResource[] } } = JSON.parse(state);
  return (deployment.resources ?? []).filter(({ type }) => type === "pulumi-nodejs:dynamic/aws-auth:IdentityMapping");
}
