// Serves dynalite on a free loopback port and prints the port. Exits when stdin is closed.
import dynalite from 'dynalite'

const server = dynalite({ createTableMs: 0 })
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.on('end', () => process.exit(0)).resume()
