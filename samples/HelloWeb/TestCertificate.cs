using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HelloWeb;

/// <summary>A certificate for localhost that the process makes for itself; nobody has reason to trust it.</summary>
internal static class TestCertificate
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(30);

    public static X509Certificate2 Create()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now - Validity, now + Validity);
    }
}
