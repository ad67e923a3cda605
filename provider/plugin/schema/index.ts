import { identityMappings, serviceIdentityMapping } from "./components";
import { functions } from "./functions";
import { identityMapping } from "./identityMapping";
import { settings } from "./settings";
import type { PackageSpec, Published } from "./spec";
import { types } from "./types";

/** The schema of a version of the package, from which the SDKs and their documentation are generated. */
export function schema(version: string, published: Published = {}): PackageSpec {
  return {
    name: "aws-auth",
    displayName: "EKS aws-auth",
    version,
    description: "Every entry of an EKS cluster's aws-auth ConfigMap as a Pulumi resource of its own.",
    keywords: ["pulumi", "aws", "eks", "aws-auth", "iam", "kubernetes", "category/cloud", "kind/native"],
    license: "Apache-2.0",
    ...published,
    attribution: "",
    publisher: "pulumi-aws-auth",
    meta: { moduleFormat: "(.*)" },
    config: { variables: settings },
    provider: {
      description:
        "Settings of the mappings that name no cluster of their own, and of all others: how to reach a cluster, and what a run may do. The stack's configuration has the same keys, as `aws-auth:cluster`. An explicit provider sees none of that configuration.",
      inputProperties: settings,
    },
    types,
    resources: {
      "aws-auth:index:IdentityMapping": identityMapping,
      "aws-auth:index:IdentityMappings": identityMappings,
      "aws-auth:index:ServiceIdentityMapping": serviceIdentityMapping,
    },
    functions,
    language: {
      nodejs: { respectSchemaVersion: true },
      python: { respectSchemaVersion: true, pyproject: { enabled: true } },
      go: {
        respectSchemaVersion: true,
        generateResourceContainerTypes: true,
        importBasePath: "example.com/pulumi-aws-auth/sdk/go/awsauth",
      },
      csharp: { respectSchemaVersion: true },
      java: {},
    },
  };
}
