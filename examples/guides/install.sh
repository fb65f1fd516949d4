# What each guide installs. `@tenantry/tenancy` is in all of them.
# #region fastify
npm install @tenantry/tenancy pg fastify jose
# #endregion
# #region express
npm install @tenantry/tenancy pg express jose
# #endregion
# #region nestjs
npm install @tenantry/tenancy pg @nestjs/common @nestjs/core @nestjs/platform-express reflect-metadata rxjs jose
# #endregion
# #region hono
npm install @tenantry/tenancy pg hono @hono/node-server jose
# #endregion
# #region kysely
npm install @tenantry/tenancy pg kysely
# #endregion
# #region drizzle
npm install @tenantry/tenancy pg drizzle-orm
# #endregion
# #region prisma
npm install @tenantry/tenancy pg @prisma/client @prisma/adapter-pg
npm install --save-dev prisma
# #endregion
# #region pg
npm install @tenantry/tenancy pg
npm install --save-dev @types/pg
# #endregion
# #region testing
npm install --save-dev @tenantry/migrate vitest
# #endregion
