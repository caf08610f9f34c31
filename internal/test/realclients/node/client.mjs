// Calls the tool calculate with a library for building MCP clients: node client.mjs LIBRARY.
// It prints "RESULT " and the tool's text, or the error.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { MCP_URL: url, MCP_KEY: key, MODEL_URL: model, HOME: home } = process.env;
const headers = { "x-api-key": key };
const args = { operation: "multiply", a: 6, b: 7 };

const libraries = {
  "@ai-sdk/mcp": async () => {
    const { createMCPClient } = await import("@ai-sdk/mcp");
    const client = await createMCPClient({ transport: { type: "http", url, headers } });
    const tools = await client.tools();
    const result = await tools.calculate.execute(args, { toolCallId: "1", messages: [] });
    await client.close();
    return result.content[0].text;
  },

  "@langchain/mcp-adapters": async () => {
    const { MultiServerMCPClient } = await import("@langchain/mcp-adapters");
    const client = new MultiServerMCPClient({ mcpServers: { shop: { transport: "http", url, headers } } });
    const tools = await client.getTools();
    const result = await tools.find((tool) => tool.name.endsWith("calculate")).invoke(args);
    await client.close();
    return result.text;
  },

  // The library's agent loop, with the model.
  "@openai/agents": async () => {
    const { Agent, MCPServerStreamableHttp, run, setDefaultOpenAIClient, setTracingDisabled } = await import("@openai/agents");
    const { default: OpenAI } = await import("openai");
    setTracingDisabled(true);
    setDefaultOpenAIClient(new OpenAI({ baseURL: model + "/v1", apiKey: "none" }));
    const server = new MCPServerStreamableHttp({ name: "shop", url, requestInit: { headers } });
    await server.connect();
    const agent = new Agent({ name: "calculator", model: "stand-in", mcpServers: [server] });
    const result = await run(agent, "multiply 6 by 7");
    await server.close();
    const output = result.newItems.find((item) => item.type === "tool_call_output_item").rawItem.output;
    return (Array.isArray(output) ? output[0] : output).text;
  },

  // The entry that mcpctl connect wrote for Claude Desktop, with the installed
  // mcp-remote in place of npx.
  "mcp-remote": async () => {
    const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
    const { StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
    const file = join(home, ".config/Claude/claude_desktop_config.json");
    const entry = JSON.parse(readFileSync(file, "utf8")).mcpServers.shop;
    const [yes, name, ...rest] = entry.args;
    const program = createRequire(import.meta.url).resolve("mcp-remote/package.json");
    const { version } = JSON.parse(readFileSync(program, "utf8"));
    if (entry.command !== "npx" || yes !== "-y" || name !== "mcp-remote@" + version) {
      throw new Error("unexpected entry: " + entry.command + " " + entry.args.join(" "));
    }
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [join(program, "../dist/proxy.js"), ...rest],
      env: { ...process.env, ...entry.env },
    });
    const client = new Client({ name: "test", version: "1" });
    await client.connect(transport);
    const result = await client.callTool({ name: "calculate", arguments: args });
    await client.close();
    return result.content[0].text;
  },
};

try {
  console.log("RESULT " + (await libraries[process.argv[2]]()));
  process.exit(0);
} catch (error) {
  console.log("ERROR " + (error.stack ?? error) + (error.cause ? "\n" + error.cause : ""));
  process.exit(1);
}
