---@meta airlock.playground
-- Made by `make reference` from lua/airlock/playground/init.lua.

--- A playground that is served whenever this Lua state waits.
---@class airlock.playground.page
---@field url string the page's, with its key
---@field space airlock.emulator.space the emulated Space in it
local page = {}

local playground = {}

--- Starts the playground in this Lua state, beside the engine, and comes back; one at a time in a Lua state.
---
--- Source: docs/playground.md
---@param given? airlock.playground_options `open` isn't used
---@return airlock.playground.page? playground nil: the port is taken
---@return string? why
function playground.start(given) end

--- Ends it; may be called again.
---
--- Source: docs/playground.md
function page:stop() end

--- Serves the playground until it is interrupted. Prints where it is, and opens a browser.
---
--- Source: docs/playground.md
---@param given? airlock.playground_options
---@return true? done nil, and why, where it can't listen
---@return string? why
function playground.serve(given) end

return playground
