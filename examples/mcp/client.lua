--- A client of the Model Context Protocol over Streamable HTTP, in a script or in Neovim. The authorization is all
--- Airlock's: see docs/resource.md.

local airlock = require "airlock"

local client = {}
client.__index = client

local protocol = "2025-11-25" -- the revision that is offered; a server answers with the one that it takes

local function failed(message, detail)
  return nil, message, detail
end

-- The answer to a request among the messages of its stream; others are told to whoever listens.
local function answer(self, stream, id)
  for event in stream do
    local message = airlock.json.decode(event.data)
    if type(message) == "table" and message.id == id and message.method == nil then
      if message.error then return failed(message.error.message, message.error) end
      return message.result
    end
    if type(message) == "table" and self.on_message then self.on_message(message) end
  end
  return failed "the stream ended without an answer"
end

--- Calls a method of the server.
---@param method string such as "tools/list"
---@param params table?
---@return table? result nil, message and detail where it fails
function client:call(method, params)
  self.last = self.last + 1
  local request = { jsonrpc = "2.0", id = self.last, method = method, params = params }
  local stream = self.resource:events("", request, { headers = self.headers })
  local ok, result, message, detail = pcall(answer, self, stream, self.last)
  local id = stream:headers()["mcp-session-id"]
  stream:close()
  if not ok then return failed(tostring(result), result) end
  if id then self.headers["Mcp-Session-Id"] = id end
  return result, message, detail
end

--- Tells the server something.
---@param method string such as "notifications/initialized"
function client:notify(method, params)
  local note = { jsonrpc = "2.0", method = method, params = params }
  local headers = { Accept = "application/json, text/event-stream" }
  for name, value in pairs(self.headers) do headers[name] = value end
  local ok, message, detail = self.resource:post("", note, { headers = headers })
  if ok == nil then return failed(message, detail) end
  return true
end

--- All tools of the server, page after page.
---@return table[]? tools
function client:tools()
  local tools, cursor = {}, nil
  repeat
    local page, message, detail = self:call("tools/list", { cursor = cursor })
    if not page then return failed(message, detail) end
    for _, tool in ipairs(page.tools) do tools[#tools + 1] = tool end
    cursor = page.nextCursor
  until cursor == nil
  return tools
end

--- Calls a tool; gives its text.
---@param name string
---@param arguments table
---@return string? text
function client:tool(name, arguments)
  local result, message, detail = self:call("tools/call", { name = name, arguments = arguments })
  if not result then return failed(message, detail) end
  local text = {}
  for _, part in ipairs(result.content or {}) do text[#text + 1] = part.text end
  if result.isError then return failed(table.concat(text, "\n")) end
  return table.concat(text, "\n")
end

--- Ends the session at the server.
function client:close()
  if self.headers["Mcp-Session-Id"] then self.resource:delete("", nil, { headers = self.headers }) end
end

--- Connects, with a login where the server wants one.
---@param url string
---@param config? airlock.resource_config with `on_message`, which is told what the server says beside its answers, and
--- `protocol`, another revision to offer
---@return table? client
function client.connect(url, config)
  local made = {}
  for name, value in pairs(config or {}) do made[name] = value end
  local on_message = made.on_message
  made.on_message, made.protocol, made.client_name = nil, nil, made.client_name or "Airlock's MCP example"
  local self = setmetatable({ resource = airlock.resource(url, made), headers = {}, last = 0, on_message = on_message },
    client)
  local hello, message, detail = self:call("initialize", {
    protocolVersion = config and config.protocol or protocol, capabilities = {},
    clientInfo = { name = "airlock", version = "1" } })
  if not hello then return failed(message, detail) end
  self.server = hello.serverInfo
  self.headers["MCP-Protocol-Version"] = hello.protocolVersion
  local ok, why, more = self:notify "notifications/initialized"
  if not ok then return failed(why, more) end
  return self
end

return client
