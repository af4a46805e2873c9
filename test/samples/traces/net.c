#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <errno.h>
int main(){
 struct sockaddr_in a={.sin_family=AF_INET,.sin_port=htons(80),.sin_addr.s_addr=htonl(INADDR_LOOPBACK)};
 int s=socket(AF_INET,SOCK_STREAM|SOCK_CLOEXEC,0); bind(s,(void*)&a,sizeof a); listen(s,5);
 int c=socket(AF_INET,SOCK_STREAM|SOCK_NONBLOCK,0); connect(c,(void*)&a,sizeof a);
 struct sockaddr_storage p; socklen_t l=sizeof p; accept4(s,(void*)&p,&l,SOCK_CLOEXEC); send(c,"secret",6,0);
 struct sockaddr_in6 b={.sin6_family=AF_INET6,.sin6_port=htons(5353)}; inet_pton(AF_INET6,"fe80::1:0:0:2",&b.sin6_addr);
 int u=socket(AF_INET6,SOCK_DGRAM,0); sendto(u,"secret",6,0,(void*)&b,sizeof b);
 struct iovec v={"secret",6}; inet_pton(AF_INET6,"::1",&b.sin6_addr); struct msghdr m={.msg_name=&b,.msg_namelen=sizeof b,.msg_iov=&v,.msg_iovlen=1}; sendmsg(u,&m,0);
 struct mmsghdr mm[1]={{.msg_hdr=m}}; sendmmsg(u,mm,1,0);
 struct sockaddr_un n={.sun_family=AF_UNIX,.sun_path="/tmp/the socket"}; int x=socket(AF_UNIX,SOCK_STREAM,0); bind(x,(void*)&n,sizeof n); 
 int y=socket(AF_UNIX,SOCK_STREAM,0); connect(y,(void*)&n,sizeof n); unlink("/tmp/the socket");
 struct sockaddr_un q={.sun_family=AF_UNIX}; memcpy(q.sun_path,"\0abstract",9); int z=socket(AF_UNIX,SOCK_DGRAM,0); connect(z,(void*)&q,2+9);
 struct sockaddr_nl k={.nl_family=AF_NETLINK}; int w=socket(AF_NETLINK,SOCK_RAW,NETLINK_ROUTE); bind(w,(void*)&k,sizeof k);
 socket(AF_INET,SOCK_RAW,IPPROTO_ICMP); int sv[2]; socketpair(AF_UNIX,SOCK_STREAM,0,sv); int r=1<<20; setsockopt(s,SOL_SOCKET,SO_RCVBUFFORCE,&r,4);
 struct sockaddr e={0}; connect(c,&e,sizeof e); 
 return 0;}
