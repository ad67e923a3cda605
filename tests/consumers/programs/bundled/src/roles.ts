export const roles = ["dev"];
