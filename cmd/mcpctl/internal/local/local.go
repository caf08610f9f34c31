// Package local has the command mcpctl local, which runs the server on this
// machine as it is deployed.
package local

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/deploy/requestlog"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/devserver/localbuild"
	"serverless-mcp/internal/devserver/logview"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// options are the flags of mcpctl local.
type options struct {
	listen string // address
	watch  bool
	fresh  bool
	shape  string // empty means the first of SHAPES
	tasks  int    // zero means CONTAINER_MIN_TASKS
}

// NewCommand returns the command mcpctl local.
func NewCommand(env *cli.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Run the server on this machine as it is deployed",
		Long: `Run the server on this machine as it is deployed: the same functions, behind a
gateway and a Secrets Manager that behave like those of AWS. It needs neither an AWS
account nor a network. Ctrl-C stops it.

The first of SHAPES runs, unless --shape selects another: http-api, stream (a
Function URL, which streams responses) or container (tasks behind a load balancer).`,
		Example: `  go tool mcpctl local --watch
  go tool mcpctl local --shape container --tasks 2 --listen 127.0.0.1:9000`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := run(cmd.Context(), env, o)
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil // interrupted while it was building
			}
			return err
		},
	}
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8080", "loopback address and port; port 0 means any free port")
	cmd.Flags().StringVar(&o.shape, "shape", "", "deployment shape: "+strings.Join(settings.Shapes(), ", "))
	cmd.Flags().IntVar(&o.tasks, "tasks", 0, "number of tasks in the shape container (default: CONTAINER_MIN_TASKS)")
	cmd.Flags().BoolVar(&o.watch, "watch", false, "rebuild when the source changes")
	cmd.Flags().BoolVar(&o.fresh, "fresh", false, "delete the generated local key and all locally issued keys")
	return cmd
}

// run serves until the context ends.
func run(ctx context.Context, env *cli.Env, o options) error {
	root, err := dotenv.Root(env.Dir)
	if err != nil {
		return fmt.Errorf("find the project: %w", err)
	}
	s, err := localSettings(env)
	if err != nil {
		return err
	}
	if err := o.choose(&s); err != nil {
		return err
	}
	// Listen before the build, so that a busy port is reported at once.
	listener, err := listen(o.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	r := &server{env: env, root: root, folder: local.FolderIn(root), listener: listener, view: &logview.View{Out: env.Stderr}}
	r.requests = requestlog.Files{Path: r.folder.Path(local.RequestsFile)}.Recorder()
	defer func() {
		if err := r.requests.Close(); err != nil {
			env.Note("mcpctl usage and logs lack lines: %v", err)
		}
	}()
	return r.run(ctx, s, o)
}

// choose reduces the settings to one shape, because with several, the banner would have to
// show several endpoints.
func (o options) choose(s *settings.Settings) error {
	shape := cmp.Or(o.shape, s.Shapes[0])
	if !slices.Contains(settings.Shapes(), shape) {
		return fmt.Errorf("--shape %s: need one of %s", shape, strings.Join(settings.Shapes(), ", "))
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

// listen listens on a loopback address. Other addresses are rejected: the traffic
// is not encrypted, and everyone who can reach the port could try to call the tools.
func listen(address string) (net.Listener, error) {
	if !local.IsLoopback(address) {
		return nil, fmt.Errorf("--listen %s: need a loopback address such as 127.0.0.1:8080; to give others access, deploy the server", address)
	}
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, cli.ErrAddressInUse) {
		return nil, fmt.Errorf("%s is in use, perhaps by another mcpctl local: stop it, or use any free port with --listen 127.0.0.1:0", address)
	}
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", address, err)
	}
	return listener, nil
}

// server is one run of mcpctl local.
type server struct {
	env      *cli.Env
	root     string // folder of the project
	folder   local.Folder
	listener net.Listener
	view     *logview.View
	requests *requestlog.Recorder // for mcpctl usage and logs

	builder localbuild.Builder
	current localbuild.Build
	unuse   context.CancelFunc // ends the use of current
	system  *local.System
}

func (r *server) run(ctx context.Context, s settings.Settings, o options) error {
	if err := r.folder.Create(); err != nil {
		return err
	}
	if o.fresh {
		if err := r.folder.Forget(); err != nil {
			return err
		}
	}
	key, err := r.folder.Key(s, r.env.Getenv("API_KEY") != "", rand.Reader)
	if err != nil {
		return err
	}
	if s.APIKey != settings.NoKey {
		s.APIKey, s.APIKeySHA256 = key.Plain, ""
	}
	stopIssuer, err := r.startIssuer(&s)
	if err != nil {
		return err
	}
	defer stopIssuer()
	// DOMAIN_NAME does not lead to this machine.
	s.Domain.DisableDefaultEndpoint = false
	s.Jobs = true // jobs cost nothing locally
	topology, err := local.FromSettings(s)
	if err != nil {
		return err
	}
	topology.SetSigninResource(r.signinURL())
	watcher, err := r.watcher(o.watch) // before the build, so that no change is lost
	if err != nil {
		return err
	}
	if err := r.build(ctx, topology); err != nil {
		return err
	}
	if err := r.start(topology, s); err != nil {
		return err
	}
	r.use(ctx)
	defer r.stop()
	if err := r.announce(key, s, pageHint(topology, r.system.URL)+r.signinHint(s)); err != nil {
		return err
	}
	if watcher != nil {
		return watcher.Run(ctx, func(paths []string) { r.rebuild(ctx, paths) })
	}
	<-ctx.Done()
	return nil
}

// build builds the functions and programs for the first time.
func (r *server) build(ctx context.Context, t local.Topology) error {
	var names []string
	for _, id := range slices.Sorted(maps.Keys(t.Functions)) {
		names = append(names, t.Functions[id].Package)
	}
	r.builder = localbuild.Builder{Root: r.root, Dir: r.folder.Path(local.BuildFolder), Names: names}
	if t.Container.Program != "" {
		r.builder.Programs = []string{t.Container.Program}
	}
	stop := bundle.Slow(func(elapsed time.Duration) { r.view.Print("build", "%s", bundle.SlowText(elapsed)) })
	defer stop()
	var err error
	r.current, err = r.builder.Build(ctx)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the server does not compile:\n%w", err)
	}
	return err
}

// use keeps the current build until the next call, or until the context ends.
func (r *server) use(ctx context.Context) {
	if r.unuse != nil {
		r.unuse()
	}
	ctx, r.unuse = context.WithCancel(ctx)
	go r.current.Use(ctx)
}

// start starts the topology with the secrets of this machine.
func (r *server) start(t local.Topology, s settings.Settings) error {
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
				r.view.Print("keys", "the issued keys are lost when the server ends: %v", err)
			}
		},
		Log: func(name string) io.Writer { return io.MultiWriter(r.view.Function(name), r.requests) }, AccessLog: r.view.Access(),
	})
	return err
}

// announce writes the state file for other commands and prints the banner.
func (r *server) announce(key local.Key, s settings.Settings, hint string) error {
	endpoint := r.system.URL + settings.Paths()[0]
	err := r.folder.WriteState(local.State{
		URL: endpoint, PID: os.Getpid(), SecretsManager: r.system.Secrets.URL, APIGateway: r.system.APIGateway, DynamoDB: r.system.Tables.Endpoint(),
		KeyLimits: r.system.CountsCalls(), Bearer: s.BearerRoute, Signin: s.Signin.On(), KeySource: key.Source, KeyFile: key.File, Started: time.Now(), Identity: r.system.Identity,
	})
	if err != nil {
		return err
	}
	path := ""
	if key.File != "" {
		path = r.folder.Path(key.File)
		if shorter, err := filepath.Rel(r.workingDir(), path); err == nil {
			path = shorter
		}
	}
	fmt.Fprint(r.env.Stdout, banner(runtime.GOOS, endpoint, hint, key, path))
	return nil
}

// workingDir returns the absolute path of the working directory.
func (r *server) workingDir() string {
	dir, err := filepath.Abs(r.env.Dir)
	if err != nil {
		return r.root
	}
	return dir
}

// stop removes the state file and ends the processes.
func (r *server) stop() {
	if err := errors.Join(r.folder.RemoveState(os.Getpid()), r.system.Close()); err != nil {
		r.env.Note("stop: %v", err)
	}
}
