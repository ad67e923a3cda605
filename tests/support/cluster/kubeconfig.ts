import type { KnownUser } from "./users.ts";

/** A kubeconfig for one user of one server, in the form that `aws eks update-kubeconfig` and kubectl write. */
export function renderKubeconfig(server: string, caData: string, user: KnownUser): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: test
    cluster:
      server: ${server}
      certificate-authority-data: ${caData}
users:
  - name: ${JSON.stringify(user.name)}
    user:
      token: ${JSON.stringify(user.token)}
contexts:
  - name: ${JSON.stringify(user.name)}
    context:
      cluster: test
      user: ${JSON.stringify(user.name)}
current-context: ${JSON.stringify(user.name)}
`;
}
