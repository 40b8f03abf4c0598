--- A session: its class, and where its methods are.

-- spec: spec/session/session_spec.lua

local lazy = require "airlock.lazy"
local core = require "airlock.core"
require "airlock.session.request"

--- A right to act, and the requests made with it. Sessions of one Lua state that mean the same share one token. They
--- mean the same if these are equal: endpoints, client id, secret, proof, `dpop`, grant, scope, resource, account, and
--- the token handed in. If the secret comes from a function, only sessions of one client share.
---
--- In Lua 5.4 a session may be a `<close>` variable. `tostring(session)` gives "airlock.session (<grant>)".
---@class airlock.session
local methods = core.classes.session

lazy("airlock.session.token", methods, { "token", "settle", "refresh", "reply" })
lazy("airlock.session.scope", methods, { "widen", "_find_wider", "_opened_by" })
lazy("airlock.session.login", methods, { "id_token", "userinfo", "logout_url", "introspect", "logout", "_logout" })

return methods
