---@meta airlock.loop.ngx
-- Made by `make reference` from lua/airlock/loop/ngx/init.lua.

local ngx = {}

--- Whether the running code may yield. In a phase that can't, such as log or body_filter, it raises.
---
--- Source: [nginx.md](../nginx.md)
---@return boolean
function ngx.mine() end

--- Lets nginx see to others.
---
--- Source: [nginx.md](../nginx.md)
function ngx.breathe() end

--- Lets the running coroutine wait until it is unparked.
---
--- Source: [nginx.md](../nginx.md)
function ngx.park() end

--- Lets a parked coroutine go on.
---
--- Source: [nginx.md](../nginx.md)
---@param thread thread
function ngx.unpark(thread) end

--- Carries a call over nginx's connections.
---
--- Source: [nginx.md](../nginx.md)
---@param call userdata
---@param reader? function
---@param sink? function
function ngx.carry(call, reader, sink) end

--- Starts a function in a light thread of the running request or timer, which waits for it before it ends.
---
--- Source: [nginx.md](../nginx.md)
---@param f function
---@return airlock.task task
function ngx.spawn(f) end

return ngx
