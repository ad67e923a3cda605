import { callLimits } from "../../provider/cluster/eks/eksCalls.ts";
import { entryLimits } from "../../provider/session/knownEntries.ts";
import { Logins, type LoginVisitor } from "../support/authenticator/logins.ts";
import { entriesFile } from "../support/eks/entriesFile.ts";
import { EksStandIn } from "../support/eks/standIn.ts";
import { type FakeApiServer, startApiServer } from "../unit/cluster/apiServer.ts";
import { type MovingMapping, MovingStack } from "./movingStack.ts";

const account = "111122223333";
const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;

/** What the stack maps: what is made anew, what was there alike, and what was there otherwise. */
export const mappings: Readonly<Record<string, MovingMapping>> = {
  admin: { arn: iam("role/admin"), username: "admin", groups: ["system:masters", "auditors"] },
  dev: { arn: iam("role/eng/dev"), username: "dev", groups: ["viewers"] },
  ops: { arn: iam("role/ops"), username: "ops:{{SessionName}}", groups: ["ops"] },
  ann: { arn: iam("user/people/ann"), username: "ann", groups: ["viewers"] },
  took: { arn: iam("role/took"), username: "took", groups: ["editors", "system:masters"], adopt: true },
};

/** Everybody of the stack, as STS tells of them. */
const visitors: Readonly<Record<string, LoginVisitor & { readonly principalArn: string }>> = Object.fromEntries(
  Object.entries(mappings).map(([name, { arn }]) => {
    const principalArn = name === "ops" ? iam("role/teams/ops") : arn;
    const session = `arn:aws:sts::${account}:assumed-role/${name}/session`;
    return [name, { principalArn, arn: arn.includes(":user/") ? arn : session, userId: "" }];
  }),
);

/** A cluster with its map and the stack that moves. */
export interface MovingCluster {
  readonly name: string;
  readonly api: FakeApiServer;
  readonly stack: MovingStack;
}

/** Whose access is not what it should be, by name. */
export interface Losses {
  /** Those who do not get in. */
  readonly out: readonly string[];
  /** Those who lack a group, or have another name. */
  readonly less: readonly string[];
}

/** A local AWS, and the clusters in it. The real authenticator says who gets in to them, by access entries and by aws-auth. */
export class MovingWorld {
  readonly aws: EksStandIn;
  /** How many milliseconds AWS is behind. */
  readonly clock: { behind: number };
  readonly #authenticator: Logins;
  #clusters = 0;

  private constructor(aws: EksStandIn, clock: { behind: number }, authenticator: Logins) {
    this.aws = aws;
    this.clock = clock;
    this.#authenticator = authenticator;
  }

  /** Starts it, and sets the environment of this process for it. */
  static async start(): Promise<MovingWorld> {
    // So that what is tried again and again fails before long.
    Object.assign(callLimits, { attempts: 3, time: 20_000, unseen: { total: 2_000, first: 10, most: 50 } });
    Object.assign(entryLimits, { shown: { total: 2_000, first: 10, most: 100 }, inForce: 20 });
    // Roles are older than entries, although IAM tells dates in whole seconds.
    const clock = { behind: 3_600_000 };
    const aws = await EksStandIn.start({ now: () => Date.now() - clock.behind });
    const deployer = aws.caller("deployer", aws.principals.create(iam("user/deployer")).arn);
    aws.principals.create(iam("role/creator"));
    for (const { principalArn } of Object.values(visitors)) {
      aws.principals.create(principalArn);
    }
    // The two clocks differ, as they may.
    clock.behind = 60_000;
    const nothing = "/dev/null/nothing";
    Object.assign(process.env, aws.env(deployer), { AWS_CONFIG_FILE: nothing, AWS_SHARED_CREDENTIALS_FILE: nothing });
    return new MovingWorld(aws, clock, await Logins.start());
  }

  async stop(): Promise<void> {
    this.#authenticator.stop();
    await this.aws.stop();
  }

  /** A new cluster, in which somebody else has made an access entry as one is wanted, and one that says something else. */
  async cluster(): Promise<MovingCluster> {
    const name = `c${++this.#clusters}`;
    const api = await startApiServer({ mapRoles: "[]\n" });
    const creator = iam("role/creator");
    this.aws.addCluster({ name, endpoint: api.url, authenticationMode: "API_AND_CONFIG_MAP", creator });
    this.aws.addServiceEntry(name, iam("user/people/ann"), { type: "STANDARD", username: "ann", groups: ["viewers"] });
    const policies = ["AmazonEKSViewPolicy"];
    this.aws.addServiceEntry(name, iam("role/took"), { type: "STANDARD", username: "theirs", groups: ["x"], policies });
    return { name, api, stack: new MovingStack(name, mappings) };
  }

  /** Whose access is not what the stack says, as the authenticator sees it now. */
  async losses({ name, api }: Pick<MovingCluster, "name" | "api">): Promise<Losses> {
    const answers = await this.#authenticator.ask({
      data: api.data ?? {},
      entries: entriesFile(this.aws, name),
      visitors: Object.values(visitors).map(({ arn, principalArn }) => {
        const { uniqueId = "" } = this.aws.principals.find(principalArn) ?? {};
        return { arn, userId: arn.includes(":user/") ? uniqueId : `${uniqueId}:session` };
      }),
    });
    const found = Object.entries(mappings).map(([who, { username, groups }], index) => {
      const outcome = answers[index]?.outcomes[0];
      const isSame =
        outcome?.username === username.replace("{{SessionName}}", "session") &&
        groups.every((group) => outcome.groups.includes(group));
      return [who, outcome === undefined ? "out" : isSame ? "whole" : "less"] as const;
    });
    const those = (what: string) => found.filter(([, has]) => has === what).map(([who]) => who);
    return { out: those("out"), less: those("less") };
  }
}
