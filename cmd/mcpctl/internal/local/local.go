package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/devserver/localbuild"
	"serverless-mcp/internal/devserver/logview"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// localOptions are the flags of mcpctl local.
type localOptions struct {
	listen string
	watch  bool
	fresh  bool
	shape  string
	tasks  int
}

func newLocal(p *program) *cobra.Command {
	var o localOptions
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Run the server on this machine as it is deployed",
		Long: `Run the server on this machine as it is deployed: the same functions, behind a
gateway and a Secrets Manager that behave like AWS's. It needs no AWS account and
no network. Ctrl-C ends it.

What runs is the first of SHAPES, unless --shape says otherwise: http-api, stream
(a Function URL, which passes answers on as they come) or container (tasks behind
a load balancer).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := p.local(cmd.Context(), o)
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil // asked to end, while it was still building
			}
			return err
		},
	}
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8080", "loopback address and port; port 0 takes any free one")
	cmd.Flags().StringVar(&o.shape, "shape", "", "how it is put up: "+strings.Join(settings.Shapes(), ", "))
	cmd.Flags().IntVar(&o.tasks, "tasks", 0, "number of tasks in the shape container (default: CONTAINER_MIN_TASKS)")
	cmd.Flags().BoolVar(&o.watch, "watch", false, "rebuild when the source changes")
	cmd.Flags().BoolVar(&o.fresh, "fresh", false, "forget the key that was made here, and the keys issued here")
	return cmd
}

// local serves until the context ends.
func (p *program) local(ctx context.Context, o localOptions) error {
	root, err := dotenv.Root(p.dir)
	if err != nil {
		return fmt.Errorf("find the project: %w", err)
	}
	s, err := p.localSettings()
	if err != nil {
		return err
	}
	if err := o.choose(&s); err != nil {
		return err
	}
	// First of all, so that a busy port is told before a build.
	listener, err := listen(o.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	r := &localRun{program: p, root: root, folder: local.FolderIn(root), listener: listener, view: &logview.View{Out: p.stderr}}
	return r.run(ctx, s, o)
}

// choose makes the settings those of one shape: of each address the user would
// have to be told what it is.
func (o localOptions) choose(s *settings.Settings) error {
	shape := cmp.Or(o.shape, s.Shapes[0])
	if !slices.Contains(settings.Shapes(), shape) {
		return fmt.Errorf("--shape %s: need %s", shape, strings.Join(settings.Shapes(), ", "))
	}
	s.Shapes = []string{shape}
	switch {
	case o.tasks == 0:
	case shape != settings.ShapeContainer:
		return fmt.Errorf("--tasks is for --shape %s; Lambda starts as many instances as it needs", settings.ShapeContainer)
	case o.tasks < 1 || o.tasks > 10:
		return fmt.Errorf("--tasks %d: need 1 to 10", o.tasks)
	default:
		s.Container.MinTasks = o.tasks
	}
	return nil
}

// listen opens the port, on this machine's own addresses only: the traffic is
// not encrypted, and what a tool can do, anybody who reaches the port could try.
func listen(address string) (net.Listener, error) {
	if !local.IsLoopback(address) {
		return nil, fmt.Errorf("--listen %s: need a loopback address such as 127.0.0.1:8080; to let others in, deploy the server", address)
	}
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, errInUse) {
		return nil, fmt.Errorf("%s is in use, perhaps by another mcpctl local; end that, or take another port: --listen 127.0.0.1:0 finds a free one", address)
	}
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", address, err)
	}
	return listener, nil
}

// A localRun is one run of mcpctl local.
type localRun struct {
	*program
	root     string
	folder   local.Folder
	listener net.Listener
	view     *logview.View

	builder localbuild.Builder
	current localbuild.Build
	system  *local.System
}

func (r *localRun) run(ctx context.Context, s settings.Settings, o localOptions) error {
	if err := r.folder.Create(); err != nil {
		return err
	}
	if o.fresh {
		if err := r.folder.Forget(); err != nil {
			return err
		}
	}
	key, err := r.folder.Key(s, r.getenv("API_KEY") != "", rand.Reader)
	if err != nil {
		return err
	}
	if s.APIKey != settings.NoKey {
		s.APIKey, s.APIKeySHA256 = key.Plain, ""
	}
	topology, err := local.FromSettings(s)
	if err != nil {
		return err
	}
	watcher, err := r.watcher(o.watch) // before the build, or a change during it would be lost
	if err != nil {
		return err
	}
	if err := r.build(ctx, topology); err != nil {
		return err
	}
	if err := r.start(topology, s); err != nil {
		return err
	}
	defer r.stop()
	if err := r.announce(key, pageHint(topology, r.system.URL)); err != nil {
		return err
	}
	if watcher != nil {
		return watcher.Run(ctx, func(paths []string) { r.rebuild(ctx, paths) })
	}
	<-ctx.Done()
	return nil
}

// build makes the first build.
func (r *localRun) build(ctx context.Context, t local.Topology) error {
	var names []string
	for _, id := range slices.Sorted(maps.Keys(t.Functions)) {
		names = append(names, t.Functions[id].Package)
	}
	r.builder = localbuild.Builder{Root: r.root, Dir: r.folder.Path("build"), Names: names}
	if t.Container.Program != "" {
		r.builder.Programs = []string{t.Container.Program}
	}
	slow := time.AfterFunc(time.Second, func() { r.view.Print("build", "compiling the server; the first time takes a while") })
	defer slow.Stop()
	var err error
	r.current, err = r.builder.Build(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the server does not compile:\n%w", err)
	}
	return err
}

// start runs the topology with the secrets of this machine.
func (r *localRun) start(t local.Topology, s settings.Settings) error {
	issued, err := r.folder.Issued()
	if err != nil {
		return err
	}
	values := map[string]string{local.IssuedKeysID: issued}
	for name, value := range s.ToolSecrets {
		values[settings.ToolSecretID(name)] = value
	}
	r.system, err = local.Start(t, local.Options{
		Binary: r.current.Binary, Listener: r.listener, Values: values,
		Changed: func(id, value string) {
			if id != local.IssuedKeysID {
				return
			}
			if err := r.folder.WriteIssued(value); err != nil {
				r.view.Print("keys", "they work until the server ends, but are not kept: %v", err)
			}
		},
		Log: r.view.Function, AccessLog: r.view.Access(),
	})
	return err
}

// announce makes the server known, to other commands and to the user.
func (r *localRun) announce(key local.Key, hint string) error {
	endpoint := r.system.URL + settings.Paths()[0]
	err := r.folder.WriteState(local.State{
		URL: endpoint, PID: os.Getpid(), SecretsManager: r.system.Secrets.URL, APIGateway: r.system.APIGateway,
		KeySource: key.Source, KeyFile: key.File, Started: time.Now(), Identity: r.system.Identity,
	})
	if err != nil {
		return err
	}
	path := ""
	if key.File != "" {
		path = r.folder.Path(key.File)
		if shorter, err := filepath.Rel(r.dirAbs(), path); err == nil {
			path = shorter
		}
	}
	fmt.Fprint(r.stdout, greeting(endpoint, hint, key, path))
	return nil
}

// dirAbs is the folder that the user is in.
func (r *localRun) dirAbs() string {
	dir, err := filepath.Abs(r.dir)
	if err != nil {
		return r.root
	}
	return dir
}

// stop ends the processes and withdraws what announce made known.
func (r *localRun) stop() {
	if err := errors.Join(r.folder.RemoveState(os.Getpid()), r.system.Close()); err != nil {
		r.note("stop: %v", err)
	}
}
