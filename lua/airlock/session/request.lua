--- The requests made with a session. C has the request itself; here are the shapes around it.

-- spec: spec/session/request_spec.lua

local lazy = require "airlock.lazy"
local calls = lazy "airlock.call"
local compat = require "airlock.compat"
local core = require "airlock.core"
local form = lazy "airlock.form"
local method_options = lazy "airlock.session.options"
local multipart = lazy "airlock.body.multipart"
local registry = require "airlock.loop.registry"
local client_headers = require "airlock.session.headers"
local paging = lazy "airlock.paging"
local response = require "airlock.response"
local sources = lazy "airlock.body.source"

local methods = core.classes.session
local decode = core.json.decode
local new_response, refuses = response.new, response.refuses
local perform = core.perform
local pack, unpack = compat.pack, compat.unpack
local json_type, form_type = "application/json", "application/x-www-form-urlencoded"

local function bad(whose, option, why)
  core.mistake(("%s: option '%s' %s"):format(whose, option, why))
end

-- How a mistake in a value to be encoded begins.
local function beginning(whose)
  return whose .. ": option 'json'"
end

local json_option = beginning "session:request"

-- A body that is neither a text nor a value: the source it is read from, or the text that it comes to, and its type.
local function made_body(body, parts, length, headers, whose)
  if parts == nil then
    local source = sources.of(body, whose, "body", length)
    if not source then bad(whose, "body", "must be a string, a function or an open file, not a " .. type(body)) end
    return source, nil, source
  end
  local text, content_type = multipart.make(parts, headers, whose)
  return text, content_type, type(text) == "table" and text or nil
end

-- At most one of body, json, form and multipart; gives the body's text (or its source, or the value of json), its type,
-- the source, and for a value, which C encodes, how a mistake in it begins.
local function body_of(body, json, fields, parts, length, headers, whose)
  if (body ~= nil and 1 or 0) + (json ~= nil and 1 or 0) + (fields ~= nil and 1 or 0) + (parts ~= nil and 1 or 0) > 1
  then
    bad(whose, json ~= nil and "json" or fields ~= nil and "form" or "multipart", "can't stand beside another body")
  end
  local plain = body == nil or type(body) == "string"
  if length ~= nil and plain then sources.no_length(length, whose, "length") end
  if json ~= nil then return json, json_type, nil, json_option end
  if fields ~= nil then return form.encode(fields, whose, "form"), form_type end
  if plain and parts == nil then return body end
  return made_body(body, parts, length, headers, whose)
end

local function sink_of(sink, whose)
  if type(sink) == "function" then return sink end
  local ok, write = pcall(function() return sink.write end)
  if not ok or type(write) ~= "function" then
    bad(whose, "sink", "must be a function or a file, not a " .. type(sink))
  end
  return function(bytes) return sink:write(bytes) end
end

local function progress_of(value, whose)
  if type(value) ~= "function" then bad(whose, "progress", "must be a function, not a " .. type(value)) end
  return value
end

local function query_of(value, whose)
  if type(value) == "table" then return form.encode(value, whose, "query") end
  return value
end

-- Waits for a call that needs Lua, or that was begun in a coroutine of a loop.
local function finish(self, call, loop, source, sink, progress, heading)
  if not (source or sink or progress) then return calls.serve(call, loop, self) end
  return calls.serve(call, loop, self, { source = source, sink = sink, progress = progress, heading = heading })
end

-- status, body, header block, URL, settings, nil, method; where `decodes` is given and the answer is JSON, status,
-- value, header block (for "head"), nil, nil, true; or nil, message, detail. A plain script crosses into C once.
local function send(self, method, url, text, headers, body, content_type, timeout, max_body, whose, encodes, decodes,
  source, sink, progress, heading)
  if client_headers.any then headers = client_headers.fill(self, headers, content_type) end
  local loop = registry.current(self)
  if loop then
    local start = loop.start or core.start
    local call = start(self, method, url, text, headers, body, content_type, sink ~= nil, timeout, max_body, whose,
      encodes, decodes)
    return finish(self, call, loop, source, sink, progress, heading)
  end
  local status, answer, head, from, settings, whole, by = perform(self, method, url, text, headers, body, content_type,
    sink ~= nil, timeout, max_body, whose, encodes, decodes)
  if status == false then return finish(self, answer, nil, source, sink, progress, heading) end
  return status, answer, head, from, settings, whole, by
end

local encodes_at = 10 -- where `read` says that the body is a value
local option_names = { "body", "form", "headers", "json", "length", "max_body", "method", "multipart", "progress",
  "query", "sink", "timeout", "url" }

local function unknown(whose, name)
  bad(whose, tostring(name), ("is unknown (it takes: %s)%s"):format(table.concat(option_names, ", "),
    core.meant(name, option_names)))
end

-- Reads and checks the options in one pass (most requests have few), and gives the arguments of send.
local function read(options, whose)
  if type(options) ~= "table" then
    core.mistake(whose .. ": a table of options was expected, not a " .. type(options))
  end
  local url, method, parameters, headers, body, json, fields, sink, timeout, max_body, progress, parts, length
  for name, value in next, options do
    if name == "url" then url = value
    elseif name == "method" then method = value
    elseif name == "query" then parameters = query_of(value, whose)
    elseif name == "headers" then headers = value
    elseif name == "body" then body = value
    elseif name == "json" then json = value
    elseif name == "form" then fields = value
    elseif name == "sink" then sink = sink_of(value, whose)
    elseif name == "timeout" then timeout = value
    elseif name == "max_body" then max_body = value
    elseif name == "progress" then progress = progress_of(value, whose)
    elseif name == "multipart" then parts = value
    elseif name == "length" then length = value
    else unknown(whose, name) end
  end
  if url == nil then bad(whose, "url", "is missing") end
  local content_type, source, encodes
  if body ~= nil or json ~= nil or fields ~= nil or parts ~= nil or length ~= nil then
    body, content_type, source, encodes = body_of(body, json, fields, parts, length, headers, whose)
    if method == nil then method = "POST" end
  end
  if method == nil then method = "GET" end
  return method, url, parameters, headers, body, content_type, timeout, max_body, whose, encodes, nil, source, sink,
    progress
end

local function respond(status, answer, head, url, settings, _, method)
  if not status then return nil, answer, head end
  return new_response(status, answer, head, url, settings, method)
end

--- Makes a request, and gives the response whatever its status. A reader or sink that raises ends the call, and its
--- error goes on to the caller. In a host's loop both may yield. Before the program sees the answer, these are dealt
--- with:
---
--- - **A kept connection that closes without an answer**: GET, HEAD, PUT, DELETE, OPTIONS and TRACE are sent again
--- (RFC 9110 section 9.2.2). POST, PATCH and any other method are sent once, and fail with `network/empty_reply` or
--- `network/cut_off`: the server may have carried the request out, and only the program knows whether it may do so
--- twice. A body that is read while it goes out uses a connection that nobody used before.
--- - **An answer over HTTP/2 that is whole before the body is out** is the answer, if its length is told. Without a
--- length libcurl 7.88 waits as long as `timeout` says.
--- - **401, 429 and 503** say that the request was not carried out, so it may be repeated whatever its method.
--- - **401**: the token is dropped and renewed, and the request is sent again, once (RFC 6750 section 3.1). It isn't if
--- the token can't be renewed, or if `WWW-Authenticate` says `insufficient_scope` or `invalid_dpop_proof`. Nor is it if
--- a reader or a pipe has begun to give the body; then the token is dropped for the next call.
--- - **429 and 503** are repeated up to `retries` times (RFC 9110 section 10.2.3). The wait is what `Retry-After` says,
--- in seconds or as a date, measured by the answer's own `Date`. Without it the wait is random: at most 0.5 s, then
--- 1 s, 2 s and so on up to 15 s. If the wait would go beyond the time-out, the answer is given at once.
--- - **301, 302, 303, 307, 308** are followed up to five times for GET and HEAD (RFC 9110 section 15.4). For other
--- methods a 303 is followed as a GET without a body; a 307 or 308 within the origin is followed with the body. Any
--- other redirect is the answer.
--- - No redirect is followed from https to http, nor inside from elsewhere (docs/configuration.md). The token doesn't
--- go to another origin, nor on a redirect back from there. Of the program's headers these go along: `Accept` and its
--- like, `Range`, `If-…`, `Cache-Control`, `Pragma`, `Prefer`, `Priority`, `User-Agent` and `Want-…-Digest`. Any other
--- header may be a credential, whatever its name (`Cookie`, `X-Api-Key`), and stays behind.
--- - A body packed with gzip, deflate, brotli or zstd is unpacked, as far as this libcurl can.
---@param options airlock.request_options
---@return airlock.response? response whatever its status
---@return string? message
---@return airlock.failure? detail of kind "network" ("timeout", "tls", "too_large" …), "cancelled" if the sink or
--- reader gave up or gave another length than was told, or "oauth" or "store" if no token could be had
---@see RFC 6750, RFC 9110; Space: "HTTP API"
function methods:request(options)
  return respond(send(self, read(options, "session:request")))
end

-- The same with a sink that is told the answer's header block first.
function methods:_stream(options, heading)
  local given = pack(read(options, "resource:events"))
  given[given.n + 1] = heading
  return respond(send(self, unpack(given, 1, given.n + 1)))
end

local function decoded(status, body, head, url, settings, whole, method)
  if whole then return body end
  if not status then return nil, body, head end
  if status >= 300 then return response.failure(status, body, head, url, settings, method) end
  if body == "" then return true end
  local value, why, at, line, column = decode(body, settings.big_numbers)
  if value == nil then
    return response.malformed(new_response(status, body, head, url, settings, method), why, at, line, column)
  end
  if refuses(value, settings) then return response.failure(status, body, head, url, settings, method) end
  return value
end

local function without_body(self, whose, method, path, parameters, options)
  local headers, timeout, max_body
  if options ~= nil then headers, timeout, max_body = method_options.read(options, whose) end
  parameters = query_of(parameters, whose)
  return decoded(send(self, method, path, parameters, headers, nil, nil, timeout, max_body, whose, nil, true))
end

--- GETs a path and decodes its JSON. JSON's null is `airlock.null`, never nil.
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param parameters? table<string, any>|string the query
---@param options? airlock.method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response" if the body isn't
--- JSON; else as of `session:request`
---@see RFC 9110 section 9.3.1, RFC 8259
function methods:get(path, parameters, options)
  return without_body(self, "session:get", "GET", path, parameters, options)
end

-- A page: as session:get, with its header block behind it, and its text where that is wanted.
local function page(self, path, parameters, headers, texts, timeout, max_body)
  local status, body, head, url, settings, whole, by = send(self, "GET", path, query_of(parameters, "session:each"),
    headers, nil, nil, timeout, max_body, "session:each", nil, not texts and "head")
  local value, message, detail = decoded(status, body, head, url, settings, whole, by)
  if value == nil then return nil, message, detail end
  return value, head, texts and body
end

--- DELETEs a path and decodes the JSON that comes back.
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param parameters? table<string, any>|string the query
---@param options? airlock.method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else as of
--- `session:request`
---@see RFC 9110 section 9.3.5
function methods:delete(path, parameters, options)
  return without_body(self, "session:delete", "DELETE", path, parameters, options)
end

local function with_body(method)
  local whose = "session:" .. method:lower()
  local begins = beginning(whose)
  return function(self, path, value, options)
    local headers, timeout, max_body, query
    if options ~= nil then headers, timeout, max_body, query = method_options.read(options, whose, true) end
    local given = value ~= nil
    return decoded(send(self, method, path, query_of(query, whose), headers, value, given and json_type or nil, timeout,
      max_body, whose, given and begins or nil, true))
  end
end

--- POSTs a value as JSON and decodes the JSON that comes back. A value that JSON can't hold raises.
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else as of
--- `session:request`
---@see RFC 9110 section 9.3.3, RFC 8259
methods.post = with_body "POST"

--- PUTs a value as JSON and decodes the JSON that comes back. A value that JSON can't hold raises.
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else as of
--- `session:request`
---@see RFC 9110 section 9.3.4, RFC 8259
methods.put = with_body "PUT"

--- PATCHes with a value as JSON and decodes the JSON that comes back. A value that JSON can't hold raises.
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else as of
--- `session:request`
---@see RFC 5789, RFC 8259
methods.patch = with_body "PATCH"

--- An iterator over all items of a list, which gets page after page as needed. The server's profile says how a list
--- goes on (docs/providers.md); without one the list comes whole. A link to the next page is followed within the list's
--- origin alone: the token goes nowhere else. A list that goes round in circles, has more than 100 000 pages, or has
--- 100 empty pages in a row, is cut.
---
--- A failure on the way is raised: a table with `message` and the fields of `airlock.failure`, whose `tostring` is the
--- message. It is as of `session:get`, or of kind "http" with "foreign_link" or "endless_list". On PUC Lua 5.1, whose
--- iterators can't yield, a page blocks also inside of `airlock.gather`.
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param parameters? table<string, any> the query
---@param options? airlock.method_options they hold for each page
---@return fun(): any iterator
---@see RFC 8288; Space: "Get data from Space"
function methods:each(path, parameters, options)
  return self:_each(path, parameters, options)
end

-- The same for the command: with what is told of each page that has come.
function methods:_each(path, parameters, options, seen)
  local settings = self:settings()
  local headers, timeout, max_body
  if options ~= nil then headers, timeout, max_body = method_options.read(options, "session:each") end
  local function fetch(at, query)
    local value, head, text = page(self, at, query, headers, seen ~= nil, timeout, max_body)
    if value ~= nil and seen then seen(value, text) end
    return value, head, text
  end
  return paging.items(fetch, settings.base_url, path, parameters, settings.provider and settings.provider.paging,
    settings.plain_http)
end

--- Makes many requests side by side. If one fails, the others come all the same: `assert(session:all { … })` doesn't
--- notice, so look at the second result or at `responses.failures`.
---@param requests (string|airlock.request_options)[] paths (for GET), and options as `session:request` takes
---@return table<integer|string, any> responses in the order of the requests, with `n`. A request that failed leaves nil
--- in its place and `responses.failures[i] = { message = …, detail = … }`
---@return string? message of the first that failed
---@return airlock.failure? detail of the first that failed, as of `session:request`
---@see docs/recipes.md
function methods:all(requests)
  local whose = "session:all"
  if type(requests) ~= "table" then
    core.mistake(whose .. ": a list of requests was expected, not a " .. type(requests))
  end
  local jobs = {}
  for i, request in ipairs(requests) do -- all are read before the first goes out: a mistake in one sends none
    local arguments = pack(read(type(request) == "table" and request or { url = request }, whose))
    if type(arguments[2]) ~= "string" then bad(whose, "url", "must be a string, not a " .. type(arguments[2])) end
    if arguments[encodes_at] then
      arguments[5], arguments[encodes_at] = core.json.encode(arguments[5], false, beginning(whose)), nil
    end
    jobs[i] = function() return respond(send(self, unpack(arguments, 1, arguments.n))) end
  end
  local results = registry.gather(self, unpack(jobs))
  local responses, first = { n = #jobs, failures = {} }, nil
  for i = 1, #jobs do
    local result = results[i]
    responses[i] = result[1]
    if result[1] == nil then
      responses.failures[i] = { message = result[2], detail = result[3] }
      first = first or responses.failures[i]
    end
  end
  if first then return responses, first.message, first.detail end
  return responses
end

return methods
