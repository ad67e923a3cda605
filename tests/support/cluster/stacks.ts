import { parse } from "yaml";
import { claimsAnnotation } from "../../../provider/claims.ts";
import { inOrder } from "../doors/declared.ts";
import { type Door, dynamicDoor } from "../doors/door.ts";
import { type ProjectOptions, TestProject } from "../engine/testProject.ts";
import { AwsAuthMap, grant, writerRules } from "./awsAuth.ts";
import { deployerName } from "./deployer.ts";
import { startCluster, type TestCluster } from "./startCluster.ts";

/** What a mapping of a program is made from. */
export interface MappingInputs {
  readonly arn?: string;
  readonly account?: string;
  readonly username?: string;
  readonly groups?: readonly string[];
  readonly adopt?: boolean;
  readonly noDuplicateARNs?: boolean;
  readonly cluster?: unknown;
  /** The resource option of this name. */
  readonly ignoreChanges?: readonly string[];
}

/** Programs by the names of their resources. */
export type Mappings = Readonly<Record<string, MappingInputs>>;

/** Several projects that share one cluster's map. */
export interface Stacks {
  readonly cluster: TestCluster;
  readonly map: AwsAuthMap;
  /** Makes a project; its stack is `organization/NAME/test`. */
  add(name: string, options?: ProjectOptions): Promise<TestProject>;
  /** The lines of the claims, each without its ID, sorted. */
  claims(): Promise<readonly string[]>;
  /** The current annotation with the claims. */
  record(): Promise<string | undefined>;
  /** Puts another record in its place; null takes it away. */
  setRecord(text: string | null): Promise<void>;
  /** The entries of mapRoles in their order: the role's name, then its groups. */
  roles(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** The ARN of a role of the usual account. */
export function roleArn(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}

/** An entry of mapRoles as people write it. */
export function roleEntry(name: string, username: string, ...groups: readonly string[]): string {
  const list = groups.length === 0 ? "" : `  groups:\n${groups.map((group) => `    - ${group}\n`).join("")}`;
  return `- rolearn: ${roleArn(name)}\n  username: ${username}\n${list}`;
}

/** The declaration of a role whose name is its username. */
export function roleOf(name: string, ...groups: readonly string[]): MappingInputs {
  return { arn: roleArn(name), username: name, groups };
}

/** A line of the annotation without its ID. */
export function claimOn(role: string, owner: string): string {
  return `111122223333:role/${role} ${owner}`;
}

/** A program that creates its mappings sequentially, so that the resulting bytes are predictable. */
export function programOf(mappings: Mappings, door: Door = dynamicDoor): string {
  const declared = Object.entries(mappings).map(([name, { ignoreChanges, ...properties }]) => {
    return [name, { properties, options: ignoreChanges && { ignoreChanges } }] as const;
  });
  return door.program(inOrder(Object.fromEntries(declared)));
}

/** Starts a cluster whose map holds `mapRoles`. */
export async function startStacks(mapRoles: string): Promise<Stacks> {
  const cluster = await startCluster({ users: [{ name: deployerName }] });
  const map = new AwsAuthMap(cluster);
  await grant(cluster, deployerName, writerRules);
  await map.reset({ mapRoles });
  const projects: TestProject[] = [];
  const kubeconfig = cluster.kubeconfigFile(deployerName);
  const record = async () => (await map.read())?.metadata.annotations?.[claimsAnnotation];
  return {
    cluster,
    map,
    add: async (name, { config = {}, ...options } = {}) => {
      const project = await TestProject.create({
        name,
        config: { "aws-auth:kubeconfig": kubeconfig, ...config },
        ...options,
      });
      projects.push(project);
      return project;
    },
    claims: async () => (await record())?.split("\n").map(withoutId).toSorted() ?? [],
    record,
    setRecord: (text) => map.annotate({ [claimsAnnotation]: text }),
    roles: async () => rolesOf((await map.data())["mapRoles"]),
    stop: async () => {
      await Promise.all(projects.map((project) => project.remove()));
      await cluster.stop();
    },
  };
}

function rolesOf(mapRoles = ""): readonly string[] {
  const entries: { rolearn: string; groups?: string[] }[] = parse(mapRoles) ?? [];
  return entries.map(({ rolearn, groups = [] }) => [rolearn.slice(rolearn.indexOf("/") + 1), ...groups].join(" "));
}

/** A line without the ID, of which a part is random. */
function withoutId(line: string): string {
  const [principal, _id, ...owner] = line.split(" ");
  return [principal, ...owner].join(" ");
}
