import { describe, expect, it } from "vitest";
import { describeTrusted, trustedPrincipals, trustedText } from "../../../provider/reports/trust.ts";

const account = "111122223333";
const gitHub = "token.actions.githubusercontent.com";
const eks = "oidc.eks.eu-central-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9";
const cognito = "cognito-identity.amazonaws.com";
const oidc = (issuer: string) => `arn:aws:iam::${account}:oidc-provider/${issuer}`;

type Statement = Readonly<Record<string, unknown>>;

function allow(principal: unknown, condition?: object, more: Statement = {}): Statement {
  const conditions = condition === undefined ? {} : { Condition: condition };
  return { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...conditions, ...more };
}

/** A statement for web identities. The keys of its conditions are claims of the issuer. */
function web(issuer: string, condition?: Readonly<Record<string, Statement>>, principal = oidc(issuer)): Statement {
  const named = Object.entries(condition ?? {}).map(([operator, claims]) => {
    const keys = Object.entries(claims).map(([claim, value]) => [
      claim.includes(":") ? claim : `${issuer}:${claim}`,
      value,
    ]);
    return [operator, Object.fromEntries(keys)];
  });
  return allow({ Federated: principal }, condition && Object.fromEntries(named), {
    Action: "sts:AssumeRoleWithWebIdentity",
  });
}

const service = (name: string, condition?: object) => allow({ Service: `${name}.amazonaws.com` }, condition);
const aws = (principal: unknown, condition?: object) => allow({ AWS: principal }, condition);
const anyone = (condition?: object) => allow("*", condition);
const sub = (pattern: unknown, more: Statement = {}) => web(gitHub, { StringLike: { sub: pattern, ...more } });
const variable = (name: string) => `\${${name}}`;
const aud = { StringEquals: { aud: "sts.amazonaws.com" } };

function policyOf(...statements: readonly unknown[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** The principals as a review prints them, or why they are unknown. */
function trustIn(text: string): readonly string[] | string {
  const read = trustedPrincipals(text, account);
  return "value" in read ? read.value.map((one) => trustedText(one)) : read.unread;
}

const trust = (...statements: readonly Statement[]) => trustIn(policyOf(...statements));

describe("the trust policy of a role", () => {
  const root = (of: string) => `arn:aws:iam::${of}:root`;
  const role = `arn:aws:iam::${account}:role/x`;
  const other = "444455556666";
  const datadog = root("464622532012");
  const sso = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_AdministratorAccess_*";
  const trail = `arn:aws:eks:eu-central-1:${account}:fargateprofile/my-cluster/*`;
  const anchor = `arn:aws:rolesanywhere:eu-central-1:${account}:trust-anchor/a`;
  const workload = { sub: "system:serviceaccount:default:app", aud: "sts.amazonaws.com" };
  const isOther = "any identity of that account";
  const unbound = (issuer: string, claim = "sub") => [`${oidc(issuer)} (no condition restricts its ${claim})`];
  const openTo = (...patterns: string[]) => [
    `${oidc(gitHub)} (its sub can be ${patterns.map((one) => `"${one}"`).join(", ")})`,
  ];
  const bound = (issuer: string, ...claims: string[]) => [`${oidc(issuer)} with ${claims.join(" and ")}`];

  it.each<[title: string, statements: Statement[], trusted: string[]]>([
    ["nodes", [service("ec2")], ["ec2.amazonaws.com"]],
    ["a service", [service("ssm")], ["ssm.amazonaws.com"]],
    [
      "a service for one account",
      [service("ssm", { StringEquals: { "aws:SourceAccount": account }, ArnEquals: { "aws:SourceArn": trail } })],
      [`ssm.amazonaws.com with aws:SourceAccount ${account}`],
    ],
    [
      "hybrid nodes by their certificate",
      [
        service("rolesanywhere", {
          StringEquals: { "sts:RoleSessionName": variable("aws:PrincipalTag/x509Subject/CN") },
          ArnEquals: { "aws:SourceArn": anchor },
        }),
      ],
      ["rolesanywhere.amazonaws.com"],
    ],
    [
      "Fargate",
      [service("eks-fargate-pods", { ArnLike: { "aws:SourceArn": trail } })],
      ["eks-fargate-pods.amazonaws.com"],
    ],
    [
      "pods by EKS Pod Identity",
      [allow({ Service: "pods.eks.amazonaws.com" }, undefined, { Action: ["sts:AssumeRole", "sts:TagSession"] })],
      ["pods.eks.amazonaws.com"],
    ],
    [
      "pods by their tags",
      [
        service("pods.eks", {
          StringEquals: {
            "aws:RequestTag/kubernetes-namespace": "a",
            "aws:RequestTag/kubernetes-service-account": "b",
          },
        }),
      ],
      ["pods.eks.amazonaws.com"],
    ],
    ["a service account", [web(eks, { StringEquals: workload })], bound(eks, `sub ${workload.sub}`)],
    ["all service accounts of a cluster", [web(eks)], unbound(eks)],
    [
      "a branch on GitHub",
      [web(gitHub, { StringEquals: { ...aud.StringEquals, sub: "repo:acme/shop:ref:refs/heads/main" } })],
      bound(gitHub, "sub repo:acme/shop:ref:refs/heads/main"),
    ],
    ["a repository on GitHub", [sub("repo:acme/shop:*")], bound(gitHub, "sub repo:acme/shop:*")],
    ["an owner on GitHub", [sub("repo:acme/*")], bound(gitHub, "sub repo:acme/*")],
    ["an audience on GitHub", [web(gitHub, aud)], unbound(gitHub)],
    ["every repository on GitHub", [sub("repo:*")], openTo("repo:*")],
    ["every repository, in other words", [sub(["repo:*:*", "repo:*/*:*"])], openTo("repo:*:*", "repo:*/*:*")],
    ["every main branch on GitHub", [sub("repo:*:ref:refs/heads/master")], openTo("repo:*:ref:refs/heads/master")],
    ["every repository of a name on GitHub", [sub("repo:*/autotrader-v2:*")], openTo("repo:*/autotrader-v2:*")],
    [
      "a repository on GitHub by its ID",
      [
        web(gitHub, {
          StringEquals: { repository_owner_id: "1", repository_id: "2" },
          StringLike: { sub: "repo:*:ref:refs/heads/main" },
        }),
      ],
      bound(gitHub, "repository_owner_id 1", "repository_id 2"),
    ],
    [
      "a branch on GitHub, if all values match",
      [
        web(gitHub, {
          "ForAllValues:StringEquals": { aud: "sts.amazonaws.com", sub: "repo:acme/shop:ref:refs/heads/main" },
        }),
      ],
      bound(gitHub, "sub repo:acme/shop:ref:refs/heads/main"),
    ],
    [
      "every repository on GitHub, and the own account with MFA",
      [aws(root(account), { Bool: { "aws:MultiFactorAuthPresent": "true" } }), sub("repo:*:*")],
      [...openTo("repo:*:*"), root(account)],
    ],
    [
      "an audience in HCP Terraform",
      [web("app.terraform.io", { StringEquals: { aud: "aws.workload.identity" } })],
      unbound("app.terraform.io"),
    ],
    [
      "every organization in HCP Terraform",
      [web("app.terraform.io", { StringLike: { sub: "organization:*:project:shop:workspace:*:run_phase:*" } })],
      [`${oidc("app.terraform.io")} (its sub can be "organization:*:project:shop:workspace:*:run_phase:*")`],
    ],
    ["GitLab without a project", [web("gitlab.com", aud)], unbound("gitlab.com")],
    [
      "an organization in Pulumi Cloud",
      [web("api.pulumi.com/oidc", { StringEquals: { aud: "acme" } })],
      bound("api.pulumi.com/oidc", "aud acme"),
    ],
    [
      "a team in Vercel",
      [web("oidc.vercel.com", { StringEquals: { aud: "https://vercel.com/acme" } })],
      bound("oidc.vercel.com", "aud https://vercel.com/acme"),
    ],
    [
      "an organization in sandboxes.cloud",
      [web("sandboxes.cloud", { StringEquals: { aud: "acme" } })],
      bound("sandboxes.cloud", "aud acme"),
    ],
    [
      "a workspace of Azure Sentinel",
      [
        web("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", {
          StringEquals: { "sts:RoleSessionName": "MicrosoftSentinel_1" },
        }),
      ],
      bound("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", "sts:RoleSessionName MicrosoftSentinel_1"),
    ],
    [
      "guests of an identity pool",
      [web(cognito, { StringEquals: { aud: "pool" }, "ForAnyValue:StringLike": { amr: "unauthenticated" } }, cognito)],
      [`${cognito} (its amr can be "unauthenticated")`],
    ],
    [
      "everyone of an identity pool",
      [web(cognito, { StringEquals: { aud: "pool" } }, cognito)],
      [`${cognito} (no condition restricts its amr)`],
    ],
    [
      "users of an identity pool",
      [web(cognito, { StringEquals: { aud: "pool" }, "ForAnyValue:StringLike": { amr: "authenticated" } }, cognito)],
      [`${cognito} with aud pool and amr authenticated`],
    ],
    ["every identity pool", [web(cognito, undefined, cognito)], [`${cognito} (no condition restricts its aud)`]],
    [
      "an app of Google",
      [web("accounts.google.com", { StringEquals: { aud: "app" } }, "accounts.google.com")],
      ["accounts.google.com (no condition restricts its sub)"],
    ],
    [
      "an account of Google",
      [web("accounts.google.com", { StringEquals: { sub: "1" } }, "accounts.google.com")],
      ["accounts.google.com with sub 1"],
    ],
    [
      "an app of Amazon",
      [web("www.amazon.com", { StringEquals: { app_id: "app" } }, "www.amazon.com")],
      ["www.amazon.com (no condition restricts its user_id)"],
    ],
    [
      "an app of Facebook",
      [web("graph.facebook.com", { StringEquals: { app_id: "app" } }, "graph.facebook.com")],
      ["graph.facebook.com (no condition restricts its id)"],
    ],
    [
      "the directory of the account",
      [
        allow(
          { Federated: `arn:aws:iam::${account}:saml-provider/idp` },
          { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
          { Action: "sts:AssumeRoleWithSAML" },
        ),
      ],
      [`arn:aws:iam::${account}:saml-provider/idp`],
    ],
    ["the own account", [aws(root(account))], [root(account)]],
    [
      "a permission set",
      [aws(root(account), { ArnLike: { "aws:PrincipalArn": sso } })],
      [`${root(account)} with aws:PrincipalArn ${sso}`],
    ],
    [
      "another account with an external ID",
      [aws(other, { StringEquals: { "sts:ExternalId": "secret" } })],
      [`${other} with sts:ExternalId`],
    ],
    [
      "a vendor with an external ID",
      [aws(datadog, { StringEquals: { "sts:ExternalId": "secret" } })],
      [`${datadog} with sts:ExternalId`],
    ],
    ["a vendor without an external ID", [aws(datadog)], [`${datadog} (${isOther})`]],
    [
      "a vendor with an empty external ID",
      [aws(datadog, { StringEquals: { "sts:ExternalId": "" } })],
      [`${datadog} (${isOther})`],
    ],
    [
      "two accounts and the own one",
      [aws(["123456789012", account, "555555555555"])],
      [`123456789012 (${isOther})`, `555555555555 (${isOther})`, account],
    ],
    ["a role of another account", [aws(`arn:aws:iam::${other}:role/deploy`)], [`arn:aws:iam::${other}:role/deploy`]],
    ["a session", [aws(`arn:aws:sts::${account}:assumed-role/x/eve`)], [`arn:aws:sts::${account}:assumed-role/x/eve`]],
    [
      "a deleted role and a deleted user",
      [aws(["AROAEXAMPLEID0000001", "AIDAEXAMPLEID0000001"])],
      ["AROAEXAMPLEID0000001 (deleted)", "AIDAEXAMPLEID0000001 (deleted)"],
    ],
    ["anyone", [anyone()], ["* (anyone)"]],
    ["anyone with an AWS identity", [aws("*")], ["* (anyone)"]],
    ["an organization", [anyone({ StringEquals: { "aws:PrincipalOrgID": "o-1" } })], ["* with aws:PrincipalOrgID o-1"]],
    ["a role by a condition", [anyone({ ArnLike: { "aws:PrincipalArn": role } })], [`* with aws:PrincipalArn ${role}`]],
    ["every role of a name", [anyone({ ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/x" } })], ["* (anyone)"]],
    ["anyone with an external ID", [anyone({ StringEquals: { "sts:ExternalId": "secret" } })], ["* (anyone)"]],
    [
      "callers without an organization",
      [anyone({ StringEqualsIfExists: { "aws:PrincipalOrgID": "o-1" } })],
      ["* (anyone)"],
    ],
    [
      "everyone except an account",
      [anyone({ StringNotEquals: { "aws:PrincipalAccount": other }, ArnNotEquals: { "aws:PrincipalArn": role } })],
      ["* (anyone)"],
    ],
    ["anyone with MFA", [anyone({ Bool: { "aws:MultiFactorAuthPresent": "true" } })], ["* (anyone)"]],
    [
      "a network",
      [anyone({ IpAddress: { "aws:SourceIp": "203.0.113.0/24" } })],
      ["* with aws:SourceIp 203.0.113.0/24"],
    ],
  ])("trusts %s", (_title, statements, trusted) => {
    expect(trust(...statements)).toEqual(trusted);
  });

  const condition = (operator: string, key: string, ...values: readonly string[]) => ({
    [operator]: { [key]: values },
  });
  const [arnKey, organization] = ["aws:PrincipalArn", "aws:PrincipalOrgID"];

  it.each<[title: string, condition: object]>([
    ["a key in lower case", condition("StringEquals", "aws:principalorgid", "o-1")],
    ["an operator in lower case", condition("stringEquals", organization, "o-1")],
    ["any of several values of the caller", condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/r-1/*")],
    ["an ARN in any partition", condition("ArnLike", arnKey, "arn:*:iam::444455556666:role/x")],
    ["every principal of an account", condition("StringLike", arnKey, "arn:aws:iam::444455556666:*")],
    ["a text with an asterisk, which is not a wildcard", condition("StringEquals", organization, "o-*")],
    ["the organization of the role", condition("StringEquals", organization, variable("aws:ResourceOrgID"))],
    ["an endpoint", condition("StringEqualsIgnoreCase", "aws:SourceVpce", "vpce-1")],
    [
      "one of two conditions",
      { Bool: { "aws:SecureTransport": "true" }, ...condition("StringEquals", organization, "o-1") },
    ],
  ])("is restricted by a condition on %s", (_title, given) => {
    expect(trust(anyone(given))).toEqual([expect.stringMatching(/^\* with aws:/i)]);
  });

  it.each<[title: string, condition: object]>([
    ["every organization", condition("StringLike", organization, "o-*")],
    ["an organization or all", condition("StringLike", organization, "o-1", "*")],
    ["a choice of the caller", condition("StringEquals", organization, variable("aws:PrincipalOrgID"))],
    ["values that the caller may lack", condition("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-1/r-1/")],
    ["a wildcard that spans the account", condition("StringLike", arnKey, "arn:*:111122223333:role/x")],
    ["every address", condition("IpAddress", "aws:SourceIp", "203.0.113.0/24", "::/0")],
    ["a tag of the caller", condition("StringEquals", "aws:PrincipalTag/team", "platform")],
  ])("is open despite a condition on %s", (_title, given) => {
    expect(trust(anyone(given))).toEqual(["* (anyone)"]);
  });

  it.each<[title: string, condition: object, isBound: boolean]>([
    ["a role", condition("ArnLike", arnKey, "arn:aws:iam::*:role/ci"), true],
    ["a role, as a text", condition("StringLike", arnKey, "arn:aws:iam::*:role/ci"), true],
    ["a permission set", condition("ArnLike", arnKey, "arn:aws:iam::*:role/aws-reserved/*/AWSReservedSSO_Dev_*"), true],
    ["a user", condition("ArnEquals", arnKey, "arn:aws:iam::444455556666:user/eve"), true],
    ["the account itself", condition("StringEquals", arnKey, root(other)), true],
    ["every principal", condition("ArnLike", arnKey, "arn:aws:iam::444455556666:*"), false],
    ["every role", condition("ArnLike", arnKey, "arn:aws:iam::444455556666:role/*"), false],
    ["a role or every user", condition("ArnLike", arnKey, "arn:aws:iam::*:role/ci", "arn:aws:iam::*:user/*"), false],
    [
      "a choice of the caller",
      condition("ArnLike", arnKey, `arn:aws:iam::444455556666:role/${variable("aws:PrincipalTag/team")}`),
      false,
    ],
    [
      "the caller's own account",
      condition("StringLike", arnKey, `arn:aws:iam::${variable("aws:PrincipalAccount")}:role/*`),
      false,
    ],
  ])("restricts another account by a condition on %s", (_title, given, isBound) => {
    const shown = isBound ? expect.stringMatching(/^444455556666 with aws:PrincipalArn arn:/) : `${other} (${isOther})`;
    expect(trust(aws(other, given))).toEqual([shown]);
  });

  const bitbucket = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
  const circle = "oidc.circleci.com/org/0a1b2c3d";

  it.each<[title: string, issuer: string, pattern: string, isBound: boolean]>([
    ["an owner with its ID", gitHub, "repo:acme@*/infra@*:ref:refs/heads/main", true],
    ["part of an owner, and a repository", gitHub, "repo:acme*/x", false],
    ["an owner in a customized subject", gitHub, "repository_owner:acme:environment:*", true],
    ["the ID of a repository", gitHub, "repository_id:1", true],
    ["the ID of an owner", gitHub, "repository_owner_id:1:*", true],
    ["an environment of any owner", gitHub, "environment:prod", false],
    ["a branch of any owner", gitHub, "ref:refs/heads/*", false],
    ["a workflow that any owner may call", gitHub, "job_workflow_ref:acme/ci/.github/workflows/a.yml@*", false],
    ["a repository in Bitbucket", bitbucket, "{0a1b2c3d-0000-4000-8000-000000000000}*:*", true],
    ["everyone in a workspace of Bitbucket", bitbucket, "*", false],
    ["an organization in CircleCI", circle, "org/*", true],
    ["a project in CircleCI", circle, "org/0a1b2c3d/project/4e5f/user/*", true],
    ["a namespace", eks, "system:serviceaccount:shop:*", true],
    ["every namespace", eks, "system:serviceaccount:*:app", false],
    ["part of an owner", gitHub, "repo:acme*", false],
    ["any one character", gitHub, "repo:?cme/shop:*", false],
    ["a group", "gitlab.com", "project_path:acme/*", true],
    ["an organization, in a path", "oidc.example.com", "org/1/project/*", true],
    ["a connection", "acme.eu.auth0.com", "auth0|*", false],
  ])("compares the pattern of a web identity: %s", (_title, issuer, pattern, isBound) => {
    const trusted = isBound ? bound(issuer, `sub ${pattern}`) : [`${oidc(issuer)} (its sub can be "${pattern}")`];
    expect(trust(web(issuer, { StringLike: { sub: pattern } }))).toEqual(trusted);
  });

  it("restricts web identities of GitHub by their owner, of one tenant by their audience, and others by a network", () => {
    expect(trust(web(gitHub, { StringLike: { repository: "acme/*" } }))).toEqual(bound(gitHub, "repository acme/*"));
    expect(trust(web(gitHub, { StringEquals: { job_workflow_ref: "acme/ci/a.yml@main" } }))).toEqual(unbound(gitHub));
    expect(trust(web(circle, { StringEquals: { aud: "0a1b2c3d" } }))).toEqual(bound(circle, "aud 0a1b2c3d"));
    expect(trust(web(bitbucket))).toEqual(unbound(bitbucket));
    expect(trust(web("gitlab.com", { IpAddress: { "aws:SourceIp": "203.0.113.7" } }))).toEqual(
      bound("gitlab.com", "aws:SourceIp 203.0.113.7"),
    );
  });

  it("accepts a condition on a claim that all web identities have, even if it admits callers without the claim", () => {
    const sub = "repo:acme/shop:ref:refs/heads/main";
    expect(trust(web(gitHub, { StringEqualsIfExists: { sub } }))).toEqual(bound(gitHub, `sub ${sub}`));
    const open = `${oidc(gitHub)} (no condition restricts its sub)`;
    expect(trust(web(gitHub, { StringEqualsIfExists: { repository_owner: "acme" } }))).toEqual([open]);
  });

  const names = Array.from({ length: 40 }, (_, index) => `repo:acme/app-${index}:*`);

  it("shows only the values that do not restrict the tenant", () => {
    expect(trust(sub([...names, "repo:*:environment:prod"]))).toEqual(openTo("repo:*:environment:prod"));
  });

  it("shows at most three values of a condition in a table, and all of them in a comparison", () => {
    const shownFor = (statement: Statement) => {
      const read = trustedPrincipals(policyOf(statement), account);
      return "value" in read ? read.value.flatMap((one) => [describeTrusted(one), trustedText(one)]) : [];
    };
    const more = `${names.slice(0, 3).join(", ")} and 37 more and repository_id 1`;
    const all = `${names.join(", ")} and repository_id 1`;
    expect(shownFor(web(gitHub, { StringLike: { sub: names }, StringEquals: { repository_id: "1" } }))).toEqual([
      ...bound(gitHub, `sub ${more}`),
      ...bound(gitHub, `sub ${all}`),
    ]);
    const open = ["repo:a*", "repo:b*", "repo:c*", "repo:d*"];
    const cut = `${oidc(gitHub)} (its sub can be "repo:a*", "repo:b*", "repo:c*" and 1 more)`;
    expect(shownFor(sub(open))).toEqual([cut, ...openTo(...open)]);
  });

  it("lists denials without evaluating them", () => {
    const deny = allow("*", { StringNotEquals: { [organization]: "o-1" } }, { Effect: "Deny" });
    expect(trust(deny, anyone(), anyone())).toEqual(["* (anyone)", `* (denied) with StringNotEquals ${organization}`]);
  });

  it.each<[title: string, more: Statement, isCounted: boolean]>([
    ["all actions", { Action: "*" }, true],
    ["all actions of STS", { Action: ["sts:TagSession", "STS:*"] }, true],
    ["a pattern in different letter case", { Action: "sts:assumerole?ithSAML" }, true],
    ["all other actions", { Action: undefined, NotAction: "sts:TagSession" }, true],
    ["tags", { Action: ["sts:TagSession", "sts:SetSourceIdentity"] }, false],
    ["many wildcards", { Action: `sts:${"*".repeat(30)}x` }, false],
  ])("evaluates statements for logins: %s", (_title, more, isCounted) => {
    expect(trust(allow("*", undefined, more))).toEqual(isCounted ? ["* (anyone)"] : []);
  });

  it("is read with URL encoding, with a single statement, and unencoded", () => {
    const text = JSON.stringify({ Statement: aws(`arn:aws:iam::${account}:role/100%25`) });
    expect([trustIn(text), trustIn(encodeURIComponent(text))]).toEqual(
      Array(2).fill([`arn:aws:iam::${account}:role/100%25`]),
    );
  });

  const invalid = "its trust policy is not valid";
  it.each<[title: string, text: string, reason: string]>([
    [
      "all principals except some",
      policyOf({ Effect: "Allow", NotPrincipal: { AWS: account }, Action: "sts:AssumeRole" }),
      "its trust policy has NotPrincipal",
    ],
    ["nothing", "", invalid],
    ["other text", "%7B%", invalid],
    ["no statement", policyOf(), invalid],
    ["a statement without a principal", policyOf(anyone(), allow(undefined)), invalid],
    ["a statement without an action", policyOf(allow("*", undefined, { Action: undefined })), invalid],
    ["another effect", policyOf(allow("*", undefined, { Effect: "allow" })), invalid],
    ["conditions in a list", policyOf(anyone([{ StringEquals: { [organization]: "o-1" } }])), invalid],
    ["a condition without a key", policyOf(anyone({ StringEquals: "o-1" })), invalid],
    ["a text as statement", policyOf("*"), invalid],
  ])("is unknown with %s", (_title, text, reason) => {
    expect(trustIn(text)).toBe(reason);
  });
});
