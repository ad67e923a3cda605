import { AwsError } from "./awsError.ts";

/** The parts of a role's or user's ARN. */
export interface PrincipalArn {
  readonly arn: string;
  readonly account: string;
  readonly kind: "role" | "user";
  /** `/` or `/eng/ops/`. */
  readonly path: string;
  /** Without the path. */
  readonly name: string;
}

/** An IAM role or user that exists. */
export interface Principal extends PrincipalArn {
  /** `AROA...` or `AIDA...`. Recreating the same ARN yields a new ID. */
  readonly uniqueId: string;
  /** In milliseconds. */
  readonly createDate: number;
  readonly details: RoleDetails;
}

/** What IAM also returns for a role. Tests may change it at any time. */
export interface RoleDetails {
  /** Default: the whole account of the role. */
  trustPolicy: object;
  /** Default: never. The time in milliseconds. */
  lastUsed: { readonly at: number; readonly region: string } | undefined;
}

/** The parts of the ARN of an IAM role or user; undefined for other ARNs, such as a session's. */
export function parsePrincipalArn(arn: string): PrincipalArn | undefined {
  const match = /^arn:aws:iam::(\d{12}):(role|user)(\/(?:[\x21-\x7e]+\/)?)([\w+=,.@-]{1,64})$/.exec(arn);
  const [, account, kind, path, name] = match ?? [];
  if (account === undefined || path === undefined || name === undefined) {
    return undefined;
  }
  return { arn, account, kind: kind === "user" ? "user" : "role", path, name };
}

/** A trust policy that lets a principal assume the role. */
export function trustOf(principal: string) {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: principal }, Action: "sts:AssumeRole" }],
  };
}

/** The roles and users of all accounts. Those that are not registered here do not exist. */
export class Principals {
  readonly #byArn = new Map<string, Principal>();
  readonly #now: () => number;
  #made = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Creates a role or user.
   *
   * @param arn with its path
   * @throws AwsError if the account has one of this name, whatever its path.
   */
  create(arn: string): Principal {
    const parts = parsePrincipalArn(arn);
    if (parts === undefined) {
      throw new Error(`${arn} is not the ARN of an IAM role or user`);
    }
    const { account, kind, name } = parts;
    if (this.named(account, kind, name) !== undefined) {
      throw new AwsError("EntityAlreadyExists", 409, `A ${kind} with name ${name} already exists.`);
    }
    this.#made += 1;
    const uniqueId = `${kind === "role" ? "AROA" : "AIDA"}${this.#made.toString(36).toUpperCase().padStart(17, "X")}`;
    const details = { trustPolicy: trustOf(`arn:aws:iam::${account}:root`), lastUsed: undefined };
    const principal: Principal = { ...parts, uniqueId, createDate: this.#now(), details };
    this.#byArn.set(arn, principal);
    return principal;
  }

  /** Keeps access entries, like EKS. */
  delete(arn: string): void {
    this.#byArn.delete(arn);
  }

  find(arn: string): Principal | undefined {
    return this.#byArn.get(arn);
  }

  /** Finds one by name regardless of path and case, since IAM names are unique that way. */
  named(account: string, kind: Principal["kind"], name: string): Principal | undefined {
    const wanted = name.toLowerCase();
    return [...this.#byArn.values()].find(
      (principal) =>
        principal.account === account && principal.kind === kind && principal.name.toLowerCase() === wanted,
    );
  }

  /** The roles of an account whose path begins with a prefix. */
  rolesUnder(account: string, prefix: string): readonly Principal[] {
    return [...this.#byArn.values()].filter(
      (one) => one.account === account && one.kind === "role" && one.path.startsWith(prefix),
    );
  }

  /** The role or user of a caller; a session's ARN has no path. */
  behind(caller: string): Principal | undefined {
    const [, account = "", role = ""] = /^arn:aws:sts::(\d+):assumed-role\/([^/]+)\//.exec(caller) ?? [];
    return role === "" ? this.find(caller) : this.named(account, "role", role);
  }
}
