# #region generate
PRISMA_SCHEMA_ENGINE_BINARY=/bin/true npx prisma generate
# #endregion
