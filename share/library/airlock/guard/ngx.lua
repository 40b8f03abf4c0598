---@meta airlock.guard.ngx
-- Made by `make reference` from lua/airlock/guard/ngx.lua.

--- A guard as `airlock.guard` makes it, for nginx. Make it once in a worker: in `init_worker_by_lua`, or in a
--- module.
---
--- Source: docs/guard.md
---@param config airlock.nginx_guard_config
---@return airlock.guard guard
return function(config) end
