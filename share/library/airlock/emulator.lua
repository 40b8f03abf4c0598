---@meta airlock.emulator
-- Made by `make reference` from lua/airlock/emulator/init.lua.

--- Starts emulated Spaces, for specs and for trying things out.
---@class airlock.emulator
---@field absent any in a fault's `token`: the member is left out of the token reply
local emulator = {}

--- A JetBrains Space that runs in this Lua state, beside the engine: a waiting Airlock call serves it, too.
---@class airlock.emulator.space
---@field url string where it is
---@field client_id string the first application's
---@field client_secret string the first application's
---@field applications table<integer|string, airlock.emulator.application> by number, and those that have a
--- name by name: `service`, `native`, `web`
---@field people airlock.emulator.person[]
---@field projects table[]
local space = {}

--- Starts a Space in this Lua state and puts it beside the engine, so that a waiting Airlock call serves it
--- too. Raises where it can't listen.
---
--- Source: [emulator.md](../emulator.md)
---@param given? airlock.emulator.options
---@return airlock.emulator.space space
function emulator.start(given) end

--- Starts a Space as a process of its own, and returns when it listens; for programs that wait in another way
--- than in Airlock. It ends with the program that started it. Raises where it doesn't start.
---
--- Source: [emulator.md](../emulator.md)
---@param given? airlock.emulator.spawn_options
---@return airlock.emulator.process process
function emulator.spawn(given) end

--- Ends it; may be called again. In Lua 5.4 it may be a `<close>` variable.
---
--- Source: [emulator.md](../emulator.md)
function space:stop() end

--- Its time: real time runs on, and `space:advance` adds to it.
---
--- Source: [emulator.md](../emulator.md)
---@return number now seconds since 1970
function space:now() end

--- Moves its time ahead.
---
--- Source: [emulator.md](../emulator.md)
---@param seconds number
function space:advance(seconds) end

--- The calls that it received, oldest first. It is a test tool: tokens and secrets are in it.
---
--- Source: [emulator.md](../emulator.md)
---@return airlock.emulator.entry[] entries
function space:journal() end

--- How many calls it received: to a path, of which a predicate says yes, or at all.
---
--- Source: [emulator.md](../emulator.md)
---@param what? string|fun(entry: airlock.emulator.entry): boolean?
---@return integer count
function space:count(what) end

--- Forgets what it received.
---
--- Source: [emulator.md](../emulator.md)
function space:forget_journal() end

--- Queues a fault for the next call that fits it.
---
--- Source: [emulator.md](../emulator.md)
---@param given airlock.emulator.fault
function space:fault(given) end

--- Forgets all faults that wait.
---
--- Source: [emulator.md](../emulator.md)
function space:clear_faults() end

--- Draws new nonces for proofs (RFC 9449 section 8.2): those that were given out before are refused.
---
--- Source: [emulator.md](../emulator.md)
function space:change_nonces() end

--- Forgets what people have accepted: they are asked again.
---
--- Source: [emulator.md](../emulator.md)
function space:forget_consents() end

--- Ends a token: an access token, a permanent one, or a refresh token with all that came from it.
---
--- Source: [emulator.md](../emulator.md)
---@param text string the token
---@return boolean known
function space:revoke(text) end

--- Gives out tokens without a browser. Without `person` the application acts on its own behalf.
---
--- Source: [emulator.md](../emulator.md)
---@param given? airlock.emulator.issue_options
---@return { access_token: string, refresh_token: string? } tokens the latter for `offline` alone
function space:issue(given) end

--- Gives out a permanent token, of a person or else of an application.
---
--- Source: [emulator.md](../emulator.md)
---@param given? airlock.emulator.permanent_options
---@return string token
function space:permanent_token(given) end

--- Goes through the login and consent pages as a person would, without a browser: no HTTP, no journal, no
--- faults.
---
--- Source: [emulator.md](../emulator.md)
---@param url string an authorization request: the whole URL, or from its path on
---@param given? airlock.emulator.visit_options
---@return string? redirect_url where a browser would end; nil where a page said no
---@return string? says what that page said
---@return integer? status of that page
function space:approve(url, given) end

--- Enters a device's code as a person would, and accepts or cancels.
---
--- Source: [emulator.md](../emulator.md)
---@param user_code string
---@param given? airlock.emulator.visit_options
---@return true? done nil where a page said no
---@return string says what the last page said
function space:enter_device_code(user_code, given) end

return emulator
