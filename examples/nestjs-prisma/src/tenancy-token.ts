/** What Nest finds the tenancy under: `@Inject(TENANCY)`. */
export const TENANCY = Symbol('tenancy');
