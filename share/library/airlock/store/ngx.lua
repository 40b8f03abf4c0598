---@meta airlock.store.ngx
-- Made by `make reference` from lua/airlock/store/ngx.lua.

--- A store in nginx's shared memory, for option `store`: all workers share its tokens, and none outlives
--- nginx. A dictionary that isn't there raises, and the message names the line to add.
---
--- Source: docs/nginx.md
---@param options airlock.nginx_store_options
---@return airlock.store_functions store
return function(options) end
