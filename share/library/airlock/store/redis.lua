---@meta airlock.store.redis
-- Made by `make reference` from lua/airlock/store/redis.lua.

--- A store in Redis or Valkey, for option `store`: machines share logins. Nothing is asked before the first
--- need.
---
--- Source: docs/store.md
---@param options airlock.redis_store_options
---@return airlock.store_functions store
return function(options) end
