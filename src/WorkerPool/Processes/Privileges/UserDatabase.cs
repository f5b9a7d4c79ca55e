using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes.Privileges;

/// <summary>Looks users and groups up as the system does, nsswitch.conf(5): files, and whatever else it is set to ask.</summary>
internal static unsafe class UserDatabase
{
    // To the kernel it means "leave as it is", setresuid(2).
    private const uint Nobody = uint.MaxValue;
    private const int FirstBuffer = 1024;
    private const int LargestBuffer = 1 << 24;

    public sealed record Entry(string Name, uint Id, uint Group, string Home, string Shell);

    /// <summary>A user by name or number.</summary>
    /// <returns>Its number, and what the database says of it; null if a number is not in there.</returns>
    /// <exception cref="ArgumentException">There is no such user; the message names the option.</exception>
    /// <exception cref="SystemCallException">The database could not be asked.</exception>
    public static (uint Id, Entry? Entry) FindUser(string user, string option)
    {
        if (Number(user, option) is uint id)
        {
            return (id, FindUser((entry, buffer, size, result) => Libc.getpwuid_r(id, entry, buffer, size, result), $"getpwuid_r({user})"));
        }

        Entry found = FindUser((entry, buffer, size, result) => Libc.getpwnam_r(user, entry, buffer, size, result), $"getpwnam_r({user})")
            ?? throw OptionFault.Create(option, $"{option} is \"{user}\": the system has no such user (getent passwd {user}). Name one that exists, or give its number.");
        return (found.Id, found);
    }

    /// <summary>A group by name or number; a number need not be in the database.</summary>
    /// <exception cref="ArgumentException">There is no such group; the message names the option.</exception>
    /// <exception cref="SystemCallException">The database could not be asked.</exception>
    public static uint FindGroup(string group, string option)
    {
        if (Number(group, option) is uint id)
        {
            return id;
        }

        return Ask($"getgrnam_r({group})", (buffer, size) =>
        {
            Libc.struct_group entry;
            Libc.struct_group* result;
            int error = Libc.getgrnam_r(group, &entry, buffer, size, &result);
            return (error, result == null ? null : (uint?)result->gr_gid);
        }) ?? throw OptionFault.Create(option, $"{option} is \"{group}\": the system has no such group (getent group {group}). Name one that exists, or give its number.");
    }

    /// <summary>The groups that a login of the user would have, its own among them.</summary>
    public static uint[] GroupsOf(Entry user, uint group)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(user.Name + '\0'))
        {
            // Another round if it was too small: then the call says how many there are.
            for (int size = 32; ; )
            {
                uint[] groups = new uint[size];
                fixed (uint* first = groups)
                {
                    if (Libc.getgrouplist(name, group, first, &size) >= 0)
                    {
                        return groups[..size];
                    }
                }

                size = Math.Max(size, groups.Length * 2);
            }
        }
    }

    private delegate int UserCall(Libc.struct_passwd* entry, byte* buffer, nuint size, Libc.struct_passwd** result);

    private static Entry? FindUser(UserCall call, string name) => Ask(name, (buffer, size) =>
    {
        Libc.struct_passwd entry;
        Libc.struct_passwd* result;
        int error = call(&entry, buffer, size, &result);
        return (error, result == null ? null : new Entry(Text(entry.pw_name), entry.pw_uid, entry.pw_gid, Text(entry.pw_dir), Text(entry.pw_shell)));
    });

    private delegate (int Error, T? Found) Question<T>(byte* buffer, nuint size);

    /// <summary>Asks with a larger buffer for as long as the answer does not fit (ERANGE).</summary>
    private static T? Ask<T>(string call, Question<T> question)
    {
        for (int size = FirstBuffer; ; size *= 2)
        {
            byte[] buffer = new byte[size];
            fixed (byte* start = buffer)
            {
                (int error, T? found) = question(start, (nuint)size);
                if (error == EINTR || (error == ERANGE && size < LargestBuffer))
                {
                    continue;
                }

                // No entry is 0, and by POSIX some other ones, getpwnam(3).
                return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM
                    ? found
                    : throw new SystemCallException(call, error, "The database of users, nsswitch.conf(5), does not answer.");
            }
        }
    }

    private static uint? Number(string text, string option)
    {
        if (text.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
        {
            throw OptionFault.Create(option, $"{option} is \"{text.Replace('\0', '\uFFFD')}\": give a name or a number.");
        }

        if (!text.All(char.IsAsciiDigit))
        {
            return null;
        }

        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number != Nobody
            ? number
            : throw OptionFault.Create(option, $"{option} is {text}: numbers of users and groups are 0 to {Nobody - 1}.");
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
