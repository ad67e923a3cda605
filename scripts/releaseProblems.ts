/** What a release is judged by. */
export interface ReleaseFacts {
  /** The version in package.json. */
  readonly version: string;
  /** Text of CHANGELOG.md. */
  readonly changelog: string;
  /** What `git status --porcelain` prints. */
  readonly status: string;
  /** All tags of the repository. */
  readonly tags: readonly string[];
  /** File names in tests/upgrade/states. */
  readonly states: readonly string[];
}

/** The tag of a version's release. */
export function tagOf(version: string): string {
  return `v${version}`;
}

/** Everything that is in the way of the release, each with what to do about it. */
export function releaseProblems({ version, changelog, status, tags, states }: ReleaseFacts): string[] {
  const problems: string[] = [];
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
    problems.push(`version "${version}" in package.json is no semantic version; write one such as 1.2.3`);
  }
  if (status.trim() !== "") {
    problems.push(`the work tree is not clean; commit or stash these changes:\n${status.trimEnd()}`);
  }
  if (tags.includes(tagOf(version))) {
    problems.push(
      `${tagOf(version)} is already released; run "npm version --no-git-tag-version patch", minor or major`,
    );
  }
  const heading = `## [${version}] - `;
  const section = changelog.split(/^(?=## )/m).find((text) => text.startsWith(heading));
  if (section === undefined) {
    problems.push(`CHANGELOG.md has no section "${heading}DATE"; give the section [Unreleased] that name`);
  } else if (!/^- /m.test(section)) {
    problems.push(`the section of ${version} in CHANGELOG.md says nothing; list what users will notice`);
  }
  if (!states.includes(`${version}.json`)) {
    problems.push(
      `tests/upgrade/states has no ${version}.json, by which later versions are tested; run "NIGHTLY=1 npx vitest run tests/upgrade/newState.nightly.ts --update" and commit it`,
    );
  }
  return problems;
}
