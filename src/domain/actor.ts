/** Who asks, as the authenticator found out. */
export interface Actor {
  readonly user: string | null;
  /** The project (tenant) id. */
  readonly tenant: string | null;
  /** Whom new images belong to: the tenant, or the user with `owner_is_tenant = False`. */
  readonly owner: string | null;
  /** Lower-case. */
  readonly roles: readonly string[];
  /** Roles of the service that asks for this actor, lower-case; left out where nobody asks for it. */
  readonly serviceRoles?: readonly string[];
  readonly isAdmin: boolean;
  /** Anonymous access: may look, may not touch. */
  readonly readOnly: boolean;
  /** Known by a token that is for no project: what this actor made nobody would own, and everybody see. */
  readonly unscoped?: true;
}
