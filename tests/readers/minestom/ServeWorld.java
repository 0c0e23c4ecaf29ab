import java.nio.file.Path;
import net.kyori.adventure.key.Key;
import net.minestom.server.MinecraftServer;
import net.minestom.server.coordinate.Pos;
import net.minestom.server.entity.GameMode;
import net.minestom.server.event.player.AsyncPlayerConfigurationEvent;
import net.minestom.server.instance.anvil.AnvilLoader;
import net.minestom.server.world.DimensionType;

/**
 * Serves a Java world of 26.x with Minestom on loopback: {@code java ServeWorld WORLD X Y Z}, where those who join begin.
 *
 * <p>Prints the port, one that was free, and ends when its input ends. Writes nothing to the world.
 */
public final class ServeWorld {
    public static void main(String[] arguments) throws Exception {
        MinecraftServer server = MinecraftServer.init();
        var loader = new AnvilLoader(Path.of(arguments[0]), Key.key("minecraft:overworld"));
        var instance = MinecraftServer.getInstanceManager().createInstanceContainer(DimensionType.OVERWORLD, loader);
        var begin = new Pos(Double.parseDouble(arguments[1]), Double.parseDouble(arguments[2]), Double.parseDouble(arguments[3]));
        MinecraftServer.getGlobalEventHandler().addListener(AsyncPlayerConfigurationEvent.class, event -> {
            event.setSpawningInstance(instance);
            event.getPlayer().setRespawnPoint(begin);
            event.getPlayer().setGameMode(GameMode.SURVIVAL);
        });
        server.start("127.0.0.1", 0);
        System.out.println("port " + MinecraftServer.getServer().getPort());
        System.out.flush();
        while (System.in.read() >= 0) {}
        System.exit(0);
    }
}
