package peer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"serverless-mcp/internal/deploy/bundle"
)

// Options are the options of [Build].
type Options struct {
	Root  string // directory of go.mod
	Out   string // an empty directory
	Node  bool   // builds the TypeScript peers too; bench/node must be installed
	Weigh bool   // records package sizes, which for Go requires another build, for arm64
}

// Build compiles the Go peers as for a deployment, but for this machine, and bundles the
// TypeScript peers.
func Build(ctx context.Context, o Options) (Set, error) {
	programs := []bundle.Options{
		{Folder: "functions", Names: []string{"mcp", "authorizer"}},
		{Folder: "bench/peers", Names: []string{"echo", "gosdk", "ours"}},
		{Folder: "bench", Names: []string{"launcher"}},
	}
	for _, p := range programs {
		p.Root, p.Out, p.GOOS, p.GOARCH = o.Root, o.Out, runtime.GOOS, runtime.GOARCH
		if err := bundle.Run(ctx, p); err != nil {
			return Set{}, fmt.Errorf("build %v: %w", p.Names, err)
		}
	}
	set := Set{
		Launcher:   filepath.Join(o.Out, "launcher"),
		Authorizer: filepath.Join(o.Out, "authorizer"),
		Scaled:     filepath.Join(o.Out, "ours"),
		Peers:      goPeers(o.Out),
	}
	if o.Weigh {
		if err := weighGo(ctx, o, set.Peers); err != nil {
			return Set{}, err
		}
	}
	if !o.Node {
		return set, nil
	}
	peers, err := buildNode(ctx, o)
	set.Peers = append(set.Peers, peers...)
	return set, err
}

// weighGo records the sizes of the zips as deployed.
func weighGo(ctx context.Context, o Options, peers []Peer) error {
	names := map[string]bundle.Options{
		Echo:  {Folder: "bench/peers", Names: []string{"echo"}},
		Ours:  {Folder: "functions", Names: []string{"mcp"}},
		GoSDK: {Folder: "bench/peers", Names: []string{"gosdk"}},
	}
	for i, p := range peers {
		b, ok := names[p.ID]
		if !ok {
			continue // a variant of another peer
		}
		b.Root, b.Out, b.Zip = o.Root, o.Out, true
		if err := bundle.Run(ctx, b); err != nil {
			return fmt.Errorf("pack %v: %w", b.Names, err)
		}
		info, err := os.Stat(b.Path(b.Names[0]))
		if err != nil {
			return fmt.Errorf("weigh %s: %w", p.ID, err)
		}
		peers[i].Package = info.Size()
	}
	return nil
}

// buildNode bundles the TypeScript peers. The packages include the program node,
// so that every run measures the same version.
func buildNode(ctx context.Context, o Options) ([]Peer, error) {
	scripts := filepath.Join(o.Root, "bench", "node")
	node := filepath.Join(scripts, "node_modules", "node", "bin", "node")
	if _, err := os.Stat(node); errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the TypeScript peers are not installed: run npm ci --prefix bench/node, or use --node=false")
	}
	for _, name := range []string{"sdk", "server"} {
		esbuild := exec.CommandContext(ctx, filepath.Join(scripts, "node_modules", ".bin", "esbuild"), name+".mjs",
			"--bundle", "--minify", "--platform=node", "--target=node22", "--format=cjs", "--log-level=error",
			"--outfile="+filepath.Join(o.Out, name+".cjs"))
		esbuild.Dir = scripts
		if output, err := esbuild.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("bundle %s.mjs: %w\n%s", name, err, output)
		}
	}
	peers := nodePeers(node, scripts, o.Out)
	if !o.Weigh {
		return peers, nil
	}
	return peers, weighNode(scripts, o.Out, peers)
}
