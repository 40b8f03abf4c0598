---@meta _
-- Made by `make reference` from lua/airlock/emulator/process.lua.

--- A Space in a process of its own. It ends with `stop()`, and when the program that started it ends.
---@class airlock.emulator.process
---@field url string where it is
---@field client_id string the first application's
---@field client_secret string the first application's
---@field applications table<string, { client_id: string, client_secret: string }> by name: `service`,
--- `native`, `web`
---@field pid integer the process
local process = {}

--- Ends it, and waits until it has ended; may be called again.
---
--- Source: [emulator.md](../emulator.md)
function process:stop() end
