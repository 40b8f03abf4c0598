---@meta _
-- Made by `make reference` from lua/airlock/web/init.lua.

--- A web application's login. `tostring(web)` gives "airlock.web".
---@class airlock.web
local web = {}

--- Takes a request: a login, its callback and a logout are answered; with a user's session it goes on.
---
--- A page load without a session is sent to the login, and comes back to the page that it asked for. Any
--- other request without one gets 401. A POST to `backchannel` ends sessions, as the server says (OpenID
--- Connect Back-Channel Logout).
---
--- Source: docs/web.md
---@param request { method: string, url: string, headers: table<string, string>, body: string? } `url`: the
--- whole URL, or from its path on
---@return airlock.web_response? response to be sent; nil: go on, with the user
---@return airlock.web_user? user
function web:handle(request) end

--- The headers that tell another server who the user is. The program removes those of the same names that the
--- client sent: `web.upstream` has them.
---
--- Source: docs/web.md
---@param user airlock.web_user
---@return table<string, string> headers
function web:headers(user) end

--- Whether a request that changes something comes from a page of this application: its header `X-CSRF-Token`,
--- or the field `csrf_token` of its form, has the user's `csrf`.
---
--- Source: docs/web.md
---@param request table as of `web:handle`
---@param user airlock.web_user
---@return boolean
function web:from_own_page(request, user) end
