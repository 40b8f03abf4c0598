--- airlock request: a request with the token, much as curl would make it.

local application = require "airlock.cli.application"
local body = require "airlock.cli.body"
local items = require "airlock.cli.items"
local outcome = require "airlock.cli.outcome"
local output = require "airlock.cli.output"
local settings = require "airlock.cli.settings"
local transfer = require "airlock.cli.transfer"

local function headers_of(words)
  local headers = {}
  for _, word in ipairs(words) do
    local name, value = word:match "^([^:]+):[ \t]*(.-)[ \t]*$"
    if not name then outcome.stop(outcome.usage, "--header takes 'Name: value'") end
    headers[name] = value
  end
  return headers
end

local methods = { "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD" }

-- "METHOD PATH", or PATH alone; a method alone is a path that was forgotten.
local function target_of(words)
  if words[2] then return words[1]:upper(), words[2] end
  for _, method in ipairs(methods) do
    if words[1] == method then
      outcome.stop(outcome.usage, ("missing argument 'path': airlock request %s PATH"):format(method))
    end
  end
  return nil, words[1]
end

local function read(given)
  local query = body.fields(given.query, "--query")
  local method, path = target_of(given.path)
  local request = { method = method, url = path, headers = headers_of(given.header),
    query = next(query) and query or nil }
  local has_body = body.add(request, given)
  request.method = method or (has_body and "POST" or "GET")
  if given.page_all and (request.method ~= "GET" or has_body) then
    outcome.stop(outcome.usage, "--page-all goes with GET, without a body")
  end
  return request
end

local function send(given, request, session, line, to)
  local how = { raw = given.raw or given.output ~= nil, line = line, head = given.include, headers = request.headers }
  if given.page_all then
    how.raw = given.raw
    return items.run(session, request.url, request.query, to, how)
  end
  local response = outcome.need(transfer.run(session, request, to, how))
  local message, detail = response:failure()
  if message then outcome.stop(outcome.of(detail), message) end
end

local function run(given)
  local request = read(given)
  local session, line = application.open(settings.read(given))
  local to = output.to(given.output)
  local ok, why = pcall(application.wait, line, send, given, request, session, line, to)
  if line then line:clear() end
  if ok then to:keep() end
  to:close()
  if not ok then error(why, 0) end
end

return settings.with {
  name = "request",
  summary = "Make a request with the token",
  details = "Makes a request with a valid token, and writes the answer's body to standard output; JSON is laid out. A "
    .. "PATH is relative to the "
    .. "API's base; a whole URL must have the same origin, as the token belongs there. A status of 300 or more is a "
    .. "failure (exit code 1); its "
    .. "body is written all the same.",
  arguments = {
    { "method", optional = true, complete = methods,
      help = "GET, POST, PUT, PATCH, DELETE or another; without it GET, or POST with a body" },
    { "path", help = "the path, or a whole URL" },
  },
  options = {
    { "-d", "--data", target = "data", value = "TEXT", repeats = true, complete = "files",
      help = "the body; @FILE reads it from a file, @- from standard input" },
    { "--json", target = "json", value = "TEXT", complete = "files",
      help = "the same, sent as JSON; checked before it is sent" },
    { "--form", target = "form", value = "NAME=VALUE", repeats = true,
      help = "a field of a form that is the body (urlencoded; with --file multipart)" },
    { "--file", target = "file", value = "FIELD=@PATH", repeats = true, complete = "files",
      help = "a file of a form that is the body (multipart); may go on with ;type=image/png and ;filename=NAME" },
    { "--query", target = "query", value = "NAME=VALUE", repeats = true, help = "a parameter of the query" },
    { "-H", "--header", target = "header", value = "'NAME: VALUE'", repeats = true, help = "a header" },
    { "-o", "--output", target = "output", value = "FILE", complete = "files",
      help = "write the body to a file, as it is; the file is there whole or not at all" },
    { "-r", "--raw", target = "raw", help = "write the body as it is; with --page-all one item a line" },
    { "-i", "--include", target = "include", help = "write the status and the headers before the body" },
    { "--page-all", target = "page_all", help = "get all pages of a list, as one list" },
  },
  examples = {
    { "airlock request projects", "the first page of the projects" },
    { "airlock request GET projects --page-all --raw | jq -r .name", "the names of all" },
    { "airlock request POST projects/key:PROJ-01/planning/issues --json '{\"title\": \"Oil the hinge\"}'",
      "makes an issue" },
    { "airlock request PUT drawer -d @drawing.png -H 'Content-Type: image/png'", "sends a file" },
    { "airlock request POST uploads --form title=Door --file 'file=@door.png;type=image/png'",
      "sends a form with a file" },
  },
  run = run,
}
