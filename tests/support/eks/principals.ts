import { AwsError } from "./awsError.ts";

/** The parts of a role's or user's ARN. */
export interface PrincipalArn {
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, ... */
  readonly partition: string;
  /** Account id. */
  readonly account: string;
  readonly kind: "role" | "user";
  /** `/` or `/eng/ops/`. */
  readonly path: string;
  /** Without the path. */
  readonly name: string;
}

/** An IAM role or user that exists. */
export interface Principal extends PrincipalArn {
  /** `AROA...` or `AIDA...`. Another one for each that is made, also of the same ARN. */
  readonly uniqueId: string;
  /** In milliseconds. */
  readonly createDate: number;
}

/** The parts of the ARN of an IAM role or user; undefined for anything else, such as a session. */
export function parsePrincipalArn(arn: string): PrincipalArn | undefined {
  const match = /^arn:(aws[a-z-]*):iam::(\d{12}):(role|user)(\/(?:[\x21-\x7e]+\/)?)([\w+=,.@-]{1,64})$/.exec(arn);
  const [, partition, account, kind, path, name] = match ?? [];
  if (partition === undefined || account === undefined || path === undefined || name === undefined) {
    return undefined;
  }
  return { arn, partition, account, kind: kind === "user" ? "user" : "role", path, name };
}

/** The roles and users of all accounts. What is not registered here does not exist. */
export class Principals {
  readonly #byArn = new Map<string, Principal>();
  readonly #now: () => number;
  #made = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Makes a role or user. IAM knows a name once in an account whatever its path and case.
   *
   * @param arn with its path
   * @throws Error where the name is taken, or the ARN is no role's or user's.
   */
  create(arn: string): Principal {
    const parts = parsePrincipalArn(arn);
    if (parts === undefined) {
      throw new Error(`${arn} is not the ARN of an IAM role or user`);
    }
    if (this.named(parts.account, parts.kind, parts.name) !== undefined) {
      throw new Error(`account ${parts.account} has a ${parts.kind} named ${parts.name} already`);
    }
    this.#made += 1;
    const prefix = parts.kind === "role" ? "AROA" : "AIDA";
    const uniqueId = `${prefix}${this.#made.toString(36).toUpperCase().padStart(17, "X")}`;
    const principal: Principal = { ...parts, uniqueId, createDate: this.#now() };
    this.#byArn.set(arn, principal);
    return principal;
  }

  /** Access entries stay, as they do in EKS. */
  delete(arn: string): void {
    this.#byArn.delete(arn);
  }

  /** Deletes a role or user and makes it again: the same ARN, another unique ID and a later date. */
  recreate(arn: string): Principal {
    this.delete(arn);
    return this.create(arn);
  }

  find(arn: string): Principal | undefined {
    return this.#byArn.get(arn);
  }

  /**
   * What IAM's GetRole and GetUser find: by name, letter by letter [inferred], in the account of the caller.
   *
   * @throws AwsError NoSuchEntity
   */
  get(account: string, kind: Principal["kind"], name: string): Principal {
    const found = this.named(account, kind, name);
    if (found?.name !== name) {
      throw new AwsError("NoSuchEntity", 404, `The ${kind} with name ${name} cannot be found.`);
    }
    return found;
  }

  /** By name whatever its path and case, as IAM keeps names apart. */
  named(account: string, kind: Principal["kind"], name: string): Principal | undefined {
    const wanted = name.toLowerCase();
    return [...this.#byArn.values()].find(
      (principal) =>
        principal.account === account && principal.kind === kind && principal.name.toLowerCase() === wanted,
    );
  }
}
