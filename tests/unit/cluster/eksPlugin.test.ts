import { describe, expect, it } from "vitest";
import { eksClusterOf } from "../../../provider/cluster/kubeconfig/eksPlugin.ts";

const host = "0a1b.gr7.eu-west-1.eks.amazonaws.com";
const region = "eu-central-1";
const roleArn = "arn:aws:iam::111122223333:role/admin";
const prod = { name: "prod", region };
const inHost = { name: "prod", region: "eu-west-1" };
const regional = { AWS_STS_REGIONAL_ENDPOINTS: "regional" };

describe("eksClusterOf", () => {
  it.each<[writer: string, command: string, expected: object, env?: Record<string, string>]>([
    ["aws eks update-kubeconfig", "aws --region eu-central-1 eks get-token --cluster-name prod --output json", prod],
    [
      "the same with a role and a profile",
      `aws --region eu-central-1 eks get-token --cluster-name prod --output json --role ${roleArn}`,
      { ...prod, roleArn, profile: "p" },
      { AWS_PROFILE: "p" },
    ],
    [
      "eksctl with aws",
      `aws eks get-token --output json --cluster-name prod --region eu-central-1 --role-arn ${roleArn}`,
      { ...prod, roleArn, profile: "p" },
      { ...regional, AWS_PROFILE: "p" },
    ],
    [
      "eksctl with aws-iam-authenticator",
      "aws-iam-authenticator token -i prod",
      prod,
      { ...regional, AWS_DEFAULT_REGION: region },
    ],
    [
      "the same with a role",
      `aws-iam-authenticator token -i prod -r ${roleArn}`,
      { ...prod, roleArn },
      { AWS_DEFAULT_REGION: region },
    ],
    [
      "@pulumi/eks",
      `aws --region eu-central-1 eks get-token --cluster-name prod --output json --role ${roleArn} --profile p`,
      { ...prod, roleArn, profile: "p" },
      { KUBERNETES_EXEC_INFO: "{}" },
    ],
    ["the Terraform documentation", "aws eks get-token --cluster-name prod", inHost],
    ["the first guides of EKS", `heptio-authenticator-aws token -i prod -r ${roleArn}`, { ...inHost, roleArn }],
    [
      "the long options of the authenticator",
      `aws-iam-authenticator token --cluster-id prod --role=${roleArn}`,
      { ...inHost, roleArn },
    ],
    [
      "options with =",
      `aws eks get-token --role-arn=${roleArn} --cluster-name=prod --region=eu-central-1`,
      { ...prod, roleArn },
    ],
    ["a path", "/usr/local/bin/aws eks get-token --cluster-name prod --region eu-central-1", prod],
    ["a path of Windows", "C:\\tools\\aws.EXE eks get-token --cluster-name prod", inHost],
    [
      "the region of the arguments first",
      "aws --region eu-central-1 eks get-token --cluster-name prod",
      prod,
      { AWS_REGION: "us-east-1" },
    ],
    [
      "AWS_REGION before AWS_DEFAULT_REGION",
      "aws eks get-token --cluster-name prod",
      prod,
      { AWS_REGION: region, AWS_DEFAULT_REGION: "us-east-1" },
    ],
    [
      "the profile of the arguments first",
      "aws eks get-token --cluster-name prod --profile p",
      { ...inHost, profile: "p" },
      { AWS_PROFILE: "q" },
    ],
    ["empty variables", "aws eks get-token --cluster-name prod", inHost, { AWS_PROFILE: "", AWS_REGION: "" }],
  ])("finds the cluster in the form of %s", (_title, command, expected, env = {}) => {
    const [program = "", ...args] = command.split(" ");
    const nothing = { kind: "eks", account: undefined, profile: undefined, roleArn: undefined };
    expect(eksClusterOf({ command: program, args, env }, host)).toEqual({ ...nothing, ...expected });
  });

  it.each<[command: string, env?: Record<string, string>]>([
    ["aws eks get-token --cluster-id 3f0c0b52-7b6c-4d0f-9a51-000000000000 --region eu-central-1"],
    ["aws eks get-token --region eu-central-1"],
    ["aws eks get-token --cluster-name"],
    ["aws eks get-token --cluster-name= --region eu-central-1"],
    ["aws eks get-token --cluster-name prod --endpoint-url https://x"],
    ["aws eks get-token --cluster-name prod --region nowhere"],
    ["aws eks get-token --cluster-name prod --role admin"],
    ["aws eks get-token prod --cluster-name prod"],
    ["aws eks describe-cluster --cluster-name prod"],
    ["aws-iam-authenticator token -i prod -e external"],
    ["aws-iam-authenticator verify -i prod"],
    ["aws-vault exec p -- aws eks get-token --cluster-name prod"],
    ["sh -c aws eks get-token --cluster-name prod"],
    ["constructor token -i prod"],
    ["aws eks get-token --cluster-name prod", { AWS_ACCESS_KEY_ID: "AKIA" }],
    ["aws eks get-token --cluster-name prod", { AWS_CONFIG_FILE: "/other" }],
  ])("finds no cluster in %s %j", (command, env = {}) => {
    const [program = "", ...args] = command.split(" ");
    expect(eksClusterOf({ command: program, args, env }, host)).toBeUndefined();
  });
});
